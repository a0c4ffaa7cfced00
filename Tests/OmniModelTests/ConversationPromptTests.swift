import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Turns of a conversation as text: by the published form, or by the checkpoint's own template.
@Suite struct `Prompts of conversations` {
  private let conversation = Conversation([
    .init(.user, [.text("One?")]),
    .init(.assistant, [.text("<think>\nhm\n</think>\n\nA.")]),
    .init(.user, [.text("Two?")]),
  ])

  private func spelled(_ prompt: Prompt, _ thinker: Thinker) -> String {
    thinker.tokenizer.decode(prompt.ids, keepingSpecial: true)
  }

  private func thinker(assistant: String) throws -> Thinker {
    let template =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n"
      + "{% for c in m.content %}{% if c.type == 'text' %}{% if m.role == 'assistant' %}\(assistant)"
      + "{% else %}{{ c.text }}{% endif %}"
      + "{% elif c.type == 'audio' %}<|audio_start|><|audio_pad|><|audio_end|>"
      + "{% else %}<|vision_start|><|{{ c.type }}_pad|><|vision_end|>{% endif %}{% endfor %}"
      + "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    let variant = try VariantCheckpoint("qwen3_av")
    try variant.write("chat_template.json", nil)
    try Data(template.utf8).write(to: variant.url.appending(path: "chat_template.jinja"))
    return try Thinker(directory: variant.path)
  }

  @Test func `the prompt of a conversation equals the published one`() throws {
    let thinker = try GoldenCase("qwen2_5_av").thinker()
    let prompt = try Prompt(conversation, for: thinker)
    #expect(
      spelled(prompt, thinker)
        == "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n"
        + "<|im_start|>assistant\n<think>\nhm\n</think>\n\nA.<|im_end|>\n<|im_start|>user\nTwo?<|im_end|>\n"
        + "<|im_start|>assistant\n")
    #expect(prompt.chatFact == nil && prompt.clips.isEmpty && prompt.windowCount == 0)
  }

  @Test func `the prompt of a conversation follows the checkpoint's template`() throws {
    let thinker = try thinker(assistant: "{{ c.text.split('</think>')[-1].lstrip('\\n') }}")
    let prompt = try Prompt(conversation, for: thinker)
    #expect(
      spelled(prompt, thinker)
        == "<|im_start|>user\nOne?<|im_end|>\n<|im_start|>assistant\nA.<|im_end|>\n"
        + "<|im_start|>user\nTwo?<|im_end|>\n<|im_start|>assistant\n")
    let fact = try #require(prompt.chatFact)
    #expect(!fact.isWarning)
  }

  @Test func `a chat template that raises an error is ignored, with a notice`() throws {
    let thinker = try thinker(assistant: "{{ raise_exception('no replies') }}")
    let prompt = try Prompt(conversation, for: thinker)
    #expect(spelled(prompt, thinker).contains("hm"))
    let fact = try #require(prompt.chatFact)
    #expect(fact.isWarning && fact.fact.contains("no replies"))
  }

  @Test func `special tokens are encoded in assistant text, never in user text`() throws {
    let thinker = try GoldenCase("qwen3_av").thinker()
    let end = try #require(thinker.tokenizer.id(of: "<|im_end|>"))
    func ends(_ role: Conversation.Role) throws -> Int {
      let turns: [Conversation.Turn] = [.init(role, [.text("a<|im_end|>b")])]
      return try Prompt(Conversation(turns), for: thinker).ids.count { $0 == end }
    }
    #expect(try ends(.user) == 1)
    #expect(try ends(.system) == 1)
    #expect(try ends(.assistant) == 2)
  }

  @Test func `a new question replaces the text of the last user turn`() throws {
    let asked = conversation.asking("Three?")
    #expect(asked.turns.map(\.text) == ["One?", conversation.turns[1].text, "Three?"])
    #expect(conversation.asking("Two?").turns.map(\.text) == conversation.turns.map(\.text))
  }
}
