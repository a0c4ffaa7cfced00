import Basics
import Foundation
import Media
import OmniModel

/// A conversation whose media files are loaded.
public struct LoadedConversation: Sendable {
  /// An image, video or audio part of a message, loaded.
  public struct Part: Sendable {
    let place: String
    let kind: MessagePart.Kind
    public let clip: Clip
    /// Notices about media in the part's file that are not used, and about settings that are
    /// ignored.
    let notices: [AuditEntry]
  }

  /// Path of the messages file or clip.
  let source: String
  public private(set) var conversation: Conversation
  /// Media parts of all messages, in order.
  public let parts: [Part]
  /// Input settings of the whole conversation, after all sources are merged.
  public let settings: InputSettings

  /// A conversation with one clip and one question.
  public init(_ clip: Clip, for thinker: Thinker) {
    source = clip.source
    conversation = Conversation(ClipInput(clip, for: thinker))
    parts = [Part(place: "", kind: .video, clip: clip, notices: [])]
    settings = clip.settings
  }

  /// Loads a messages file and all its media.
  /// - Parameter onProgress: receives the progress of decoding.
  /// - Throws: `MessagesError` or `MediaError`.
  public init(
    messages path: String, _ layers: InputLayers, _ thinker: Thinker,
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws {
    let file = try MessagesFile(path)
    source = path
    var own = InputSettings()
    own.system = file.system
    do throws(InputFault) {
      settings = try layers.inForce(own, for: thinker.configuration.family)
    } catch {
      throw MediaError.input(file: path, error)
    }
    let loader = PartLoader(
      layers: layers, thinker: thinker, file: path, onProgress: onProgress)
    var turns: [Conversation.Turn] = []
    var loaded: [Part] = []
    for message in file.messages {
      var parts: [Conversation.Part] = []
      for part in message.parts {
        if let text = part.text {
          parts.append(.text(text))
        } else {
          let read = try await loader.load(part)
          parts.append(.clip(ClipInput(read.clip, for: thinker)))
          loaded.append(read)
        }
      }
      turns.append(.init(message.role, parts))
    }
    conversation = Conversation(turns).with(system: settings.system, suffix: settings.suffix)
    parts = loaded
  }
}

extension LoadedConversation {
  /// Replaces the question of the last turn.
  mutating func ask(_ asked: AskedQuestion) {
    conversation = conversation.asking(asked.text(suffix: settings.suffix))
  }
}

extension Conversation {
  /// A copy with another system text, and with `suffix` added to the last user turn.
  func with(system: String?, suffix: String?) -> Conversation {
    var changed = self
    if let system {
      let isThere = turns.first?.role == .system
      if !isThere {
        changed.turns.insert(Turn(.system, [.text(system)]), at: 0)
      } else if turns.first?.text != system {
        changed.turns[0] = Turn(.system, [.text(system)])
      }
    }
    guard let suffix, !suffix.isEmpty,
      let last = changed.turns.lastIndex(where: { $0.role == .user })
    else { return changed }
    let isAsked = !changed.turns[last].text.isEmpty
    changed.turns[last].parts.append(.text(isAsked ? "\n" + suffix : suffix))
    return changed
  }
}

/// Loads the media of the parts of one conversation.
private struct PartLoader {
  let layers: InputLayers
  let thinker: Thinker
  let file: String
  let onProgress: @Sendable (WorkProgress) -> Void

  func load(_ part: MessagePart) async throws -> LoadedConversation.Part {
    do {
      var notices: [AuditEntry] = []
      let clip = try only(part, try await read(part), &notices)
      return .init(place: part.place, kind: part.kind, clip: clip, notices: notices)
    } catch MediaError.emptyClip where leavesOut(part) {
      let clip = Clip(
        title: URL(filePath: part.path).lastPathComponent, source: part.path,
        settings: try inForce(part, InputSettings(), thinker.configuration.family))
      let notice = AuditEntry.warning("clip not used", "excluded by the input settings")
      return .init(place: part.place, kind: part.kind, clip: clip, notices: [notice])
    }
  }

  private func read(_ part: MessagePart) async throws -> Clip {
    let family = thinker.configuration.family
    let policy = InputPolicy { (own) throws(InputFault) in
      try inForce(part, own, family)
    }
    let settings: InputSettings
    do throws(InputFault) {
      settings = try inForce(part, InputSettings(), family)
    } catch {
      throw MediaError.input(file: part.path, error)
    }
    return try await Clip.load(
      EngineFile.local(part.path, thinker, onProgress: onProgress), settings: policy,
      prepare: OpenedRun.resizing(settings, for: family, onProgress)
    ).named(part.path)
  }

  /// Merges the input settings of a part with those of its clip directory; the part's settings
  /// override. `no_audio` removes the audio of videos, not of audio parts.
  private func inForce(
    _ part: MessagePart, _ own: InputSettings, _ family: ModelFamily
  ) throws(InputFault) -> InputSettings {
    var settings = try layers.inForce(part.input.over(own), for: family)
    if part.kind == .audio { settings.noAudio = nil }
    return settings
  }

  private func leavesOut(_ part: MessagePart) -> Bool {
    let settings = try? inForce(part, InputSettings(), thinker.configuration.family)
    return settings?.usesVideo == false || settings?.usesAudio == false
  }

  /// A copy of the clip with only the part's kind of media.
  private func only(
    _ part: MessagePart, _ clip: Clip, _ notices: inout [AuditEntry]
  ) throws -> Clip {
    let isThere =
      switch part.kind {
      case .video: clip.video != nil || !clip.settings.usesVideo
      case .audio: clip.audio != nil
      case .image: clip.image != nil
      case .text: true
      }
    guard isThere else {
      let holds = [
        clip.video.map { _ in "video" }, clip.image.map { _ in "one picture" },
        clip.audio.map { _ in "sound" },
      ].compactMap { $0 }.joined(separator: " and ")
      throw MessagesError.fault(
        file: file, place: part.place,
        .holdsNone(kind: part.kind.rawValue, path: part.path, holds: holds))
    }
    let isVideo = part.kind == .video
    let isUnused: [(String, Bool)] = [
      ("video", clip.video != nil && !isVideo), ("image", clip.image != nil && part.kind != .image),
      ("audio", clip.audio != nil && part.kind == .image),
    ]
    for (name, isUnused) in isUnused where isUnused {
      notices.append(.warning("\(name) not used", "the part requests only \(part.kind.rawValue)"))
    }
    return Clip(
      title: clip.title, source: clip.source, video: isVideo ? clip.video : nil,
      audio: part.kind == .image ? nil : clip.audio, image: part.kind == .image ? clip.image : nil,
      settings: clip.settings, isPrepared: clip.isPrepared, audit: clip.audit)
  }
}
