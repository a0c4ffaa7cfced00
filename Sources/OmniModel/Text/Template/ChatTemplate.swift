import Basics
import Foundation

/// The `chat_template` of a checkpoint.
struct ChatTemplate: Sendable {
  let text: String
  /// Path of the file that contains the template.
  let path: String

  /// Finds the template that transformers' processors use: `chat_template.jinja`, else in
  /// `chat_template.json`, else in `tokenizer_config.json`; nil if there is none.
  init?(directory: String) throws(CheckpointError) {
    let alone = directory + "/chat_template.jinja"
    if FileManager.default.fileExists(atPath: alone) {
      let file = try MappedFile(alone)
      guard file.count <= Self.sizeLimit else {
        throw .unreadable(path: alone, reason: "too large for a template: \(file.count) bytes")
      }
      let text = file.withBytes(0..<file.count) { String(decoding: $0, as: UTF8.self) }
      self.init(text: text, path: alone)
      return
    }
    for name in ["chat_template.json", "tokenizer_config.json"] {
      let path = directory + "/" + name
      guard let keys = try JSONFile.ifPresent(path)?.decode([String: JSONValue].self),
        let value = keys["chat_template"], value != .null
      else { continue }
      guard let text = Self.text(value) else {
        throw .badJSON(path: path, place: "chat_template", reason: "must be a string")
      }
      self.init(text: text, path: path)
      return
    }
    return nil
  }

  init(text: String, path: String) { (self.text, self.path) = (text, path) }

  private static let sizeLimit = 1 << 20

  /// The template as a string; if the file lists several, the one named `default`.
  private static func text(_ value: JSONValue) -> String? {
    if let text = value.string { return text }
    let named = value.array?.compactMap(\.object) ?? []
    return named.first { $0["name"]?.string == "default" }?["template"]?.string
  }

  /// Renders the template for one question with media.
  /// - Parameter system: system text; nil for the template's default.
  func rendered(
    system: String?, question: String, media: [String]
  ) throws(TemplateError) -> String {
    func message(_ role: String, _ parts: [TemplateValue]) -> TemplateValue {
      .table(["role": .string(role), "content": .list(parts)])
    }
    func text(_ text: String) -> TemplateValue {
      .table(["type": .string("text"), "text": .string(text)])
    }
    let parts = media.map {
      TemplateValue.table(["type": .string($0), $0: .string("file")])
    }
    let messages =
      (system.map { [message("system", [text($0)])] } ?? [])
      + [message("user", parts + [text(question)])]
    return try TemplateRendering.text(
      of: TemplateParser.nodes(self.text),
      ["messages": .list(messages), "add_generation_prompt": .bool(true)])
  }
}

/// Default system text and answer prefix of a chat template in Qwen's format.
struct ChatStyle: Sendable, Equatable {
  /// Default system text; nil for none.
  let system: String?
  /// Text after the start of the assistant's turn, such as `<think>`.
  let answerOpening: String

  static func standard(_ family: any FamilyDefinition) -> ChatStyle {
    ChatStyle(system: family.defaultSystem, answerOpening: "")
  }

  /// Determines the style by rendering the template; nil if the format is not Qwen's.
  /// - Parameter takesAudio: whether the template must also support audio.
  init?(_ template: ChatTemplate, takesAudio: Bool = true) throws(TemplateError) {
    let plain = try template.rendered(system: nil, question: Self.question, media: [])
    guard let (opening, closing) = Self.around(plain) else { return nil }
    answerOpening = closing
    if opening.isEmpty {
      system = nil
    } else {
      guard opening.hasPrefix(Self.systemStart), opening.hasSuffix(Self.end) else { return nil }
      let text = opening.dropFirst(Self.systemStart.count).dropLast(Self.end.count)
      guard !text.contains("<|im_") else { return nil }
      system = String(text)
    }
    let given = try template.rendered(system: Self.given, question: Self.question, media: [])
    let expected = Self.systemStart + Self.given + Self.end
    guard let (asked, answer) = Self.around(given), asked == expected, answer == closing else {
      return nil
    }
    for (name, markers) in Self.markers where takesAudio || name != "audio" {
      let media = try template.rendered(system: Self.given, question: Self.question, media: [name])
      guard let range = media.firstRange(of: Self.userStart),
        let end = media.firstRange(of: Self.question),
        range.upperBound <= end.lowerBound,
        markers.contains(String(media[range.upperBound..<end.lowerBound]))
      else { return nil }
    }
  }

  init(system: String?, answerOpening: String) {
    (self.system, self.answerOpening) = (system, answerOpening)
  }

  private static let systemStart = "<|im_start|>system\n"
  private static let userStart = "<|im_start|>user\n"
  private static let end = "<|im_end|>\n"
  private static let question = "\u{2039}question\u{203a}"
  private static let given = "\u{2039}system\u{203a}"

  /// Placeholder texts of each medium in rendered templates, for all model families.
  static var markers: [(kind: String, texts: Set<String>)] {
    let kinds: [(String, [SpecialToken])] = [
      ("image", [.visionStart, .image, .visionEnd]), ("video", [.visionStart, .video, .visionEnd]),
      ("audio", [.audioStart, .audio, .audioEnd]),
    ]
    return kinds.map { kind, tokens in
      let texts = FamilyList.all.map { family in
        tokens.compactMap { family.tokens[$0]?.spelling }.joined()
      }
      return (kind, Set(texts.filter { !$0.isEmpty }))
    }
  }

  /// The text before the user's turn, and after the start of the assistant's turn.
  private static func around(_ rendered: String) -> (opening: String, closing: String)? {
    let asked = userStart + question + end + "<|im_start|>assistant\n"
    guard let range = rendered.firstRange(of: asked) else { return nil }
    return (String(rendered[..<range.lowerBound]), String(rendered[range.upperBound...]))
  }
}

extension ChatStyle {
  /// Reads the style of a checkpoint's chat template, with audit facts.
  static func read(
    directory: String, _ family: any FamilyDefinition
  ) throws(CheckpointError) -> (style: ChatStyle, template: ChatTemplate?, facts: [CheckpointFact])
  {
    let standard = standard(family)
    guard let template = try ChatTemplate(directory: directory) else { return (standard, nil, []) }
    let name = (template.path as NSString).lastPathComponent
    func unread(_ reason: String) -> (ChatStyle, ChatTemplate?, [CheckpointFact]) {
      let fact =
        "that of \(name) \(reason): the published \(family.family.rawValue) prompt is used"
      return (standard, nil, [CheckpointFact("chat template", fact, isWarning: true)])
    }
    do {
      guard let style = try ChatStyle(template, takesAudio: family.audio != nil) else {
        return unread("has another prompt format, which is not supported")
      }
      return (style, template, [CheckpointFact("chat template", style.fact(name, standard))])
    } catch {
      switch error {
      case .unsupported(let construct): return unread("is not supported (\(construct))")
      case .raised(let reason): return unread("rejects a question about a clip (\(reason))")
      case .tooLong: return unread("does not terminate")
      }
    }
  }

  private func fact(_ name: String, _ standard: ChatStyle) -> String {
    var differences: [String] = []
    if system != standard.system {
      differences.append("system text \(system.map { "\"\($0)\"" } ?? "none")")
    }
    if !answerOpening.isEmpty {
      let opening = answerOpening.replacing("\n", with: "⏎")
      differences.append("answers start with \(opening)")
    }
    return differences.isEmpty
      ? "\(name): the published prompt"
      : "\(name): \(differences.joined(separator: ", "))"
  }
}
