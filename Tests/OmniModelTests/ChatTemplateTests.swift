import Foundation
import TestSupport
import Testing

@testable import OmniModel

/// Chat templates of checkpoints: rendered as transformers renders them, and honoured in prompts.
@Suite struct `Chat templates` {
  struct Rendered: Decodable {
    let name, template, conversation, rendered: String
  }

  /// Rendered by transformers 5.23.
  @Test func `chat templates are rendered as transformers renders them`() throws {
    let cases = try Fixtures.decode([Rendered].self, "units/chat_templates.json")
    #expect(cases.count == 10)
    for item in cases {
      let isPlain = item.conversation == "plain"
      let text = try ChatTemplate(text: item.template, path: "").rendered(
        system: isPlain ? nil : "Be brief.", question: "What is shown?",
        media: isPlain ? [] : ["video"])
      #expect(text == item.rendered, "\(item.name), \(item.conversation)")
    }
  }

  @Test(arguments: [
    "{% macro f() %}{% endmacro %}", "{{ f(1) }}", "{{ messages | tojson }}", "{% if true %}",
    "{{ 'a", "{% for %}{% endfor %}", "{% endif %}", "{{ 1.5 }}", "{{ }}", "{% include 'x' %}",
    "{{ messages is divisibleby }}", "{{ 9223372036854775807 + 1 }}", "{{ 1 // 0 }}",
    "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    "{{ raise_exception('no') }}", "{{ messages }}", "{{ messages == messages }}",
    "{% set x = [messages] %}",
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x.replace('a', ns.x) %}{% endfor %}",
    "{{ [1 }}", "{{ a[1:2:3:4] }}", "{{ 'a'.join(['b']) }}",
  ])
  func `an unknown construct in a chat template is an error`(_ template: String) {
    #expect(throws: TemplateError.self) {
      try ChatTemplate(text: template, path: "").rendered(system: nil, question: "q", media: [])
    }
  }

  @Test func `deeply nested chat-template expressions are an error`() {
    for template in [
      "{{ " + String(repeating: "(", count: 5000) + "1",
      String(repeating: "{% if true %}", count: 5000),
      "{{ " + String(repeating: "not ", count: 5000) + "1 }}",
      "{{ " + String(repeating: "-", count: 5000) + "1 }}",
    ] {
      #expect(throws: TemplateError.self) {
        try ChatTemplate(text: template, path: "").rendered(system: nil, question: "q", media: [])
      }
    }
  }

  /// A template of Qwen's form.
  private func template(
    system: String? = nil, opening: String = "", user: String = "user", end: String = "<|im_end|>"
  ) -> String {
    let standard = system.map {
      "{% if loop.first and m.role != 'system' %}<|im_start|>system\n\($0)<|im_end|>\n{% endif %}"
    }
    return "{% for m in messages %}\(standard ?? "")"
      + "<|im_start|>{{ '\(user)' if m.role == 'user' else m.role }}\n"
      + "{% for c in m.content %}{% if c.type == 'text' %}{{ c.text }}"
      + "{% elif c.type == 'audio' %}<|audio_start|><|audio_pad|><|audio_end|>"
      + "{% else %}<|vision_start|><|{{ c.type }}_pad|><|vision_end|>{% endif %}{% endfor %}"
      + "\(end)\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n\(opening){% endif %}"
  }

  private func variant(
    _ golden: String, _ template: String, in file: String = "chat_template.jinja"
  ) throws -> VariantCheckpoint {
    let variant = try VariantCheckpoint(golden)
    try variant.write("chat_template.json", nil)
    if file.hasSuffix(".jinja") {
      try Data(template.utf8).write(to: variant.url.appending(path: file))
    } else if file == "tokenizer_config.json" {
      try variant.edit(file) { $0["chat_template"] = template }
    } else {
      try variant.write(file, ["chat_template": template])
    }
    return variant
  }

  @Test(arguments: ["chat_template.jinja", "chat_template.json", "tokenizer_config.json"])
  func `a reasoning block opened by the chat template is part of the prompt`(_ file: String) throws
  {
    let original = try VariantCheckpoint("qwen3_av").run()
    let run = try variant("qwen3_av", template(opening: "<think>\n"), in: file).run()
    #expect(run.ids == original.ids + [616, 198])
    #expect(run.fact("chat template").contains("<think>"))
    #expect(run.fact("chat template").contains(file))
  }

  @Test func `the system text of a chat template is used`() throws {
    let standard = "You are a helpful assistant."
    let original = try VariantCheckpoint("qwen2_5_av").run()
    let same = try variant("qwen2_5_av", template(system: standard))
    #expect(try same.run() == original)

    // The golden clip of Qwen2.5-Omni has no system text of its own.
    let other = try variant("qwen2_5_av", template(system: "Be brief."))
    let thinker = try Thinker(directory: other.path)
    #expect(thinker.chatStyle.system == "Be brief.")
    let none = try variant("qwen2_5_av", template())
    #expect(try Thinker(directory: none.path).chatStyle.system == nil)
  }

  @Test(arguments: [
    ("human", "<|im_end|>"), ("user", "<|endoftext|>"),
  ])
  func `an unsupported chat template is ignored, with a notice`(_ user: String, _ end: String)
    throws
  {
    let original = try VariantCheckpoint("qwen3_av").run()
    let run = try variant("qwen3_av", template(user: user, end: end)).run()
    #expect(run == original)
    #expect(run.warnings("chat template").count == 1)
  }

  @Test func `a chat template that cannot be rendered gives a notice with the reason`() throws {
    let run = try variant("qwen3_av", "{% macro f() %}{% endmacro %}").run()
    #expect(try #require(run.warnings("chat template").first).contains("macro"))
    let refused = try variant("qwen3_av", "{{ raise_exception('no clips') }}").run()
    #expect(try #require(refused.warnings("chat template").first).contains("no clips"))
  }

  @Test(arguments: ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only", "qwen3_av"])
  func `chat templates of the golden checkpoints give the published prompt`(_ golden: String) throws
  {
    let thinker = try GoldenCase(golden).thinker()
    #expect(thinker.chatStyle == .standard(thinker.configuration.definition))
    #expect(thinker.facts.contains { $0.subject == "chat template" && !$0.isWarning })
  }
}
