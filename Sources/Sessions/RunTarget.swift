import Evaluations
import Media
import Runs
import Selection

/// The target of opening: a clip or conversation, a question, a plan and a model.
public struct RunTarget: Sendable, Equatable {
  /// Where the media come from; nil for the open clip with its question.
  public var media: ClipPlace?
  /// The question with choices and answer; nil for the clip's own.
  public var asked: AskedQuestion?
  /// Input settings of the question, such as those of a task.
  public var input = InputSettings()
  /// Settings of the plan; nil for the present ones, or for the defaults of another model.
  public var settings: SelectionSettings?
  /// Directory of the model; nil for the open one.
  public var model: String?
  /// Whether the run continues to the answer, instead of pausing before layer 1.
  public var runsToAnswer = false

  public init(_ media: ClipPlace?, asked: AskedQuestion? = nil) {
    (self.media, self.asked) = (media, asked)
  }
}

/// Errors of asking about, or opening, another clip.
public enum RunTargetError: Error, Sendable, Equatable {
  /// The last turn of the messages file has texts between its media, which no question can replace.
  case severalTexts(file: String)
  /// The benchmark file has no clip of this name.
  case noScene(file: String, clip: String)
}

extension RunTarget {
  /// The request of the target; options that it does not set are those of `other`.
  public func request(from other: RunRequest) -> RunRequest {
    var request = other
    if let media {
      request.clip = media.path
      (request.messages, request.rendered, request.question) = (nil, nil, nil)
      request.asked = asked
      request.input.task = input
    }
    switch media {
    case .clip, nil: break
    case .messages(let path): request.messages = path
    case .scene(let file, let clip):
      request.rendered = { settings in
        guard let found = try Clip.scene(clip, ofBenchmark: file, settings) else {
          throw RunTargetError.noScene(file: file, clip: clip)
        }
        return found
      }
    }
    if let model { request.model = .directory(model) }
    return request
  }
}
