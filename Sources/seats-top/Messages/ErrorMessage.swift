import Basics
import Evaluations
import Foundation
import Media
import OmniModel
import Runs
import Sessions
import SyntheticWorld
import Traces
import UserConfiguration

/// An error message of one sentence: what happened, where, and what to do.
struct ErrorMessage {
  let text: String
  private static let limit = 600

  /// The error message for an error of this program; nil for errors of libraries.
  init?(_ error: any Error) {
    let text: String
    switch error {
    case let error as CheckpointError: text = Self.about(error)
    case let error as MediaError: text = Self.about(error)
    case let error as MessagesError: text = Self.about(error)
    case let fault as InputFault: text = InputOptions.sentence(fault)
    case let error as SystemTextError:
      text =
        "--system \(error.file) cannot be read (\(error.reason)): "
        + "give a UTF-8 file of at most 1 MiB, or give the text itself."
    case let error as PromptError: text = Self.about(error)
    case let error as ShareError: text = Self.about(error)
    case let error as OutputError: text = Self.about(error)
    case let error as ExportError: text = Self.about(error)
    case let error as EvaluationError: text = Self.about(error)
    case let error as SweepFileError: text = Self.about(error)
    case let error as SweepBaselineError:
      text =
        "--baseline \(error.method) is not a method of these results "
        + "(\(error.methods.joined(separator: ", "))): use one of them."
    case let error as ResultsComparisonError: text = Self.about(error)
    case let error as SyntheticWorldError: text = Self.about(error)
    case let error as FileOutputError:
      text =
        "\(error.path) could not be written (\(error.reason)): "
        + "choose a writable path with free space."
    case let error as ConfigurationError: text = Self.about(error)
    case HeadlessScreenError.failed(let sentence): text = sentence
    case let error as ReplayError: text = Self.about(error)
    case let error as PrefillError: text = Self.about(error)
    case let error as RunTargetError: text = Self.about(error)
    case let event as LoadingEvent: text = Self.about(event)
    case let error as DescriptorError: text = Self.about(error)
    default: return nil
    }
    self.text = Self.printable(text)
  }

  private static func about(_ error: RunTargetError) -> String {
    switch error {
    case .severalTexts(let file):
      "The last turn of \(file) has text between its media, which one question cannot replace: "
        + "edit the file."
    case .noScene(let file, let clip):
      "\(file) has no clip \(clip): use the benchmark that the results come from."
    }
  }

  /// Text from a file, without control characters and shortened.
  static func printable(_ text: String) -> String {
    let safe = ByteNames.shown(text).printable
    guard safe.count > limit else { return safe }
    return safe.prefix(limit / 2) + "…" + safe.suffix(limit / 2)
  }

  /// The error message for any error.
  static func describing(_ error: any Error) -> String {
    ErrorMessage(error)?.text ?? "Unexpected error: \(error)."
  }

  static func gigabytes(_ bytes: Int) -> String {
    String(format: "%.1f GiB", Double(bytes) / Double(1 << 30))
  }

  /// A number of bytes as text, in MiB or GiB.
  static func size(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? gigabytes(bytes) : String(format: "%.1f MiB", Double(bytes) / Double(1 << 20))
  }
}

extension ErrorMessage {
  private static func about(_ error: CheckpointError) -> String {
    switch error {
    case .notADirectory(let path):
      "There is no model directory \(path): give --model the folder that holds config.json."
    case .missingFile(let path):
      "The model needs \(path), which is missing: download the complete checkpoint."
    case .unreadable(let path, let reason):
      "\(path) cannot be read (\(reason)): check the file and its permissions."
    case .badJSON(let path, let place, let reason):
      "In \(path), \(place) \(reason): download that file again or correct it."
    case .badConfiguration(let path, let key, let value, let expected):
      "In \(path), \(key) is \(value), must be \(expected): correct it or download it again."
    case .contradiction(let first, let second, let path):
      "In \(path), \(first) and \(second) contradict each other, and versions of transformers "
        + "read them differently: keep the intended one."
    case .unknownKey(let path, let key, let value):
      "In \(path), \(key) is \(value), which is unknown and may change what the model "
        + "computes: remove it if it does not."
    case .foreignFormat(let path, let format):
      "\(path) is \(format), which is not supported: give --model a directory with config.json and "
        + "safetensors weights."
    case .adapterAlone(let path, let base):
      "\(path) holds a LoRA adapter\(base.map { " of \($0)" } ?? ""), not a model: give --base "
        + "the directory of the model it was trained on, or merge it into that model."
    case .unsupportedArchitecture(let path, let found):
      "\(path) describes \(found), which is not supported: "
        + "use a \(FamilyHelp.names) checkpoint."
    case .badHeader(let path, let offset, let reason):
      "\(path) is damaged at byte \(offset) (\(reason)): download it again."
    case .missingTensor(let name, let path):
      "Tensor \(name) is not in the weights of \(path), and no other tensor replaces it: give "
        + "--model weights that belong to its config.json."
    case .foreignName(let name, let found, let path):
      "The weights of \(path) have a tensor \(found) with an unknown prefix, and no "
        + "\(name): rename the tensors to model.…, lm_head.…, visual.… and audio_tower.…, or to "
        + "thinker.… in front of these."
    case .ambiguousTensor(let path, let first, let second):
      "The weights of \(path) have both \(first) and \(second), which are the same tensor: "
        + "remove one of them."
    case .noThinker(let found, let path):
      "The weights of \(path) have no thinker, only tensors such as \(found): give --model a "
        + "directory with the thinker's weights."
    case .unmergedAdapter(let name, let path):
      "The weights of \(path) have an unmerged LoRA adapter (\(name)): merge it "
        + "(peft's merge_and_unload) and save the model, or give --model the adapter's directory."
    case .missingHead(let name, let path):
      "Tensor \(name) is not in the weights of \(path), and no tie_word_embeddings in its "
        + "config.json is true: set it if the head is tied to the embeddings."
    case .wrongIndex(let name, let index, let path):
      "\(index) says that tensor \(name) is in \(path), which has no such tensor: "
        + "download both files again."
    case .notDownloaded(let repository, let cache):
      "\(repository) is not in the Hugging Face cache \(cache): run 'hf download \(repository)', "
        + "or give --model a directory."
    case .shapeMismatch(let name, let path, let expected, let found):
      "Tensor \(name) in \(path) has shape \(found), but config.json requires \(expected): "
        + "the two files do not match."
    case .quantized(let fault): about(fault)
    case .adapter(let fault): about(fault)
    case .unsupportedType(let name, let path, let found):
      "Tensor \(name) in \(path) is stored as \(found): convert the checkpoint to F32, BF16 or F16."
    case .addressSpace(let path, let weights, let missing):
      about(path, weights: weights, missing: missing)
    case .tooLarge(let path, let weights, let least, let bound):
      about(path, weights: weights, least: least, bound: bound)
    case .allocationFailed(let name, let bytes):
      "The system refused \(gigabytes(bytes)) of memory for \(name): end other programs, raise the "
        + "limit (ulimit -v), or use a smaller model."
    case .engine(let fault): about(fault)
    }
  }

  private static func about(_ error: PromptError) -> String {
    switch error {
    case .impossibleFrame(let height, let width):
      "A frame of \(width)×\(height) pixels is not supported: its aspect ratio is above 200."
    case .impossiblePixelBounds(let least, let most):
      "min_pixels \(least) and max_pixels \(most) contradict each other: "
        + "choose min_pixels below max_pixels, in clip.toml or as options."
    case .framesTooLarge(let frames, let height, let width, let required, let available):
      "\(frames) frames resized to \(width)×\(height) pixels take \(gigabytes(required)) "
        + "and \(gigabytes(available)) of memory are free: lower --min-pixels or use fewer --frames."
    case .impossibleSecondsPerGrid(let seconds):
      "A temporal grid of \(seconds) s (seconds_per_grid, or 2 / fps of clip.toml) is invalid: "
        + "use a number above 0 and up to 3600."
    case .audioTooShort(let samples):
      "The audio has \(samples) samples, too few for one token: use at least 0.03 seconds."
    case .noAudio(let family):
      "The clip has only audio, and \(family.rawValue) models accept no audio: add "
        + "video or an image, or give --model one that accepts audio."
    case .tokenizer(let error): about(error)
    case .unknownToken(let id, let vocabulary):
      "The tokenizer gives id \(id), but the vocabulary has \(vocabulary) tokens: "
        + "tokenizer.json and config.json do not match."
    case .tokenConflict(let conflict):
      "\(conflict.key) is \(conflict.id) in config.json (or transformers' default, if it is "
        + "missing), and the tokenizer encodes \(conflict.spelling) as \(conflict.found): transformers "
        + "would not find the tokens of that medium; make both equal."
    case .audioWindow(let window):
      "audio_config.n_window is \(window) in config.json, but audio tokens are counted for 50: such a "
        + "checkpoint accepts audio of at most \(min(100, 2 * window)) hundredths of a second; use "
        + "n_window 50, or --no-audio."
    }
  }

  private static func about(_ error: ShareError) -> String {
    switch error {
    case .notFound(let name, let looked):
      "The \(name) cannot be found in \(looked.joined(separator: ", ")): "
        + "set SEATS_TOP_SHARE to the folder where seats-top is installed, or name a clip and --model."
    }
  }

  private static func about(_ error: SyntheticWorldError) -> String {
    switch error {
    case .unreadableLine(let line, let reason):
      "Line \(line) of the scene file is invalid (\(reason)): correct it."
    case .unreadableScene(let reason): "The scene is invalid (\(reason)): correct it."
    case .outOfRange(let path, let value, let allowed):
      "In the scene, \(path) is \(value): use \(allowed.lowerBound) to \(allowed.upperBound)."
    case .wrongCount(let path, let expected, let found):
      "In the scene, \(path) has \(found) elements: use \(expected)."
    case .emptyScene: "The scene has no window: add one."
    }
  }

  private static func about(_ error: PrefillError) -> String {
    switch error {
    case .cancelled: "The run was cancelled."
    case .broken(let fault): about(fault)
    case .tooLarge(let forecast, let available): about(forecast, available: available)
    case .beyondBound(let forecast, let least, let bound):
      about(forecast, least: least, bound: bound)
    case .engine(let fault): about(fault)
    }
  }

  private static func about(_ fault: NumericFault) -> String {
    let found =
      switch fault.kind {
      case .notFinite: "are not finite numbers"
      case .overflow: "overflow: their squares exceed single precision"
      case .allEqual: "are all equal, so that no token can be chosen"
      }
    let moment = fault.answerToken.map { ", at token \($0) of the answer" } ?? ""
    return "\(subject(fault)) \(found)\(moment): the model's weights or its configuration are "
      + "broken, download it again."
  }

  private static func subject(_ fault: NumericFault) -> String {
    switch fault.place {
    case .videoEncoder: "The vision encoder's video tokens"
    case .imageEncoder: "The vision encoder's image tokens"
    case .audioEncoder: "The audio encoder's tokens"
    case .embedding: "The embeddings of the text"
    case .stage1: "The tokens merged in Stage I"
    case .layer(let layer): "The hidden states after layer \(layer)"
    case .relevance(let layer): "The relevance scores after layer \(layer)"
    case .head: "The logits"
    }
  }

  private static func about(_ error: EvaluationError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The benchmark \(file) cannot be read (\(reason)): give --benchmark a JSON Lines file of scenes."
    case .badBenchmark(let file, let reason):
      "The benchmark \(file) is invalid (\(reason)): correct it or use the one in samples."
    case .unreadableTasks(let file, let reason):
      "The tasks \(file) cannot be read (\(reason)): give --tasks a JSON Lines file."
    case .badTask(let file, let line, let reason):
      "\(file):\(line) is not a valid task (\(reason)): correct that line."
    }
  }

  private static func about(_ error: SweepFileError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The results \(file) cannot be read (\(reason)): give files written by sweep --results."
    case .unwritable(let file, let reason):
      "\(file) could not be written (\(reason)): choose a writable path with free space."
    case .inUse(let file):
      "Another sweep is writing \(file): wait for it, or give --results another file."
    case .notResults(let file, let line):
      "Line \(line) of \(file) is not a result of a sweep: give --results another file."
    case .earlierFormat(let file, let format):
      "\(file) was written by an earlier version (\(format)), which does not state how its results "
        + "were made: --merge reads it, but --results needs another file."
    case .laterFormat(let file, let format):
      "\(file) was written by a newer version of seats-top (\(format)): use that version, or give "
        + "--results another file."
    case .otherSweep(let file, let differences):
      "\(file) was made with \(differences.map(words).joined(separator: "; with ")): "
        + "give another file, or use the same model and settings."
    }
  }

  private static func about(_ error: DescriptorError) -> String {
    switch error {
    case .tooFew(let found, let required):
      "Only \(found) more files can be open at once, and \(required) are needed: "
        + "raise the limit (ulimit -n 1024)."
    }
  }

  private static func about(_ error: OutputError) -> String {
    switch error {
    case .input(let path, let reason):
      "\(path) cannot be read (\(reason)): give a JSON Lines file of scenes."
    case .standardOutput(let reason):
      "The result could not be written to standard output (\(reason)): check the reader or the disk."
    }
  }
}
