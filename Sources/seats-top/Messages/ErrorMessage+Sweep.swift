import Evaluations

extension ErrorMessage {
  /// A difference between results as text, such as `another checkpoint: …`.
  static func words(_ difference: SweepDifference) -> String {
    switch difference {
    case .weights(let found, let wanted):
      found == wanted
        ? "another checkpoint: different weights, from a folder named \(found)"
        : "another checkpoint: \(found), not \(wanted)"
    case .configuration: "another checkpoint: its config.json or generation_config.json differs"
    case .tokenizer: "another tokenizer: the tokenizer files of the checkpoint differ"
    case .preprocessing:
      "other preprocessing: the preprocessor files of the checkpoint differ"
    case .compute(let found, let wanted): "--compute \(found), not \(wanted)"
    case .maxNewTokens(let found, let wanted): "--max-new-tokens \(found), not \(wanted)"
    case .shard(let found, let wanted): "\(words(found)), not \(words(wanted))"
    case .model(let found, let wanted): "another model: \(found), not \(wanted)"
    case .set(let found, let wanted):
      found == wanted ? "other questions of \(found)" : "questions of \(found), not \(wanted)"
    case .format(let found, let wanted): "another format: \(found), not \(wanted)"
    case .questions(let ids): "other text or right answers of question \(list(ids))"
    case .media(let names):
      "other media: \(list(names)) has changed, or has other input settings"
    }
  }

  private static func words(_ shard: Shard?) -> String {
    shard.map { "--shard \($0.index)/\($0.count)" } ?? "no --shard"
  }

  private static func list(_ names: [String]) -> String {
    let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
    return names.prefix(3).joined(separator: ", ") + rest
  }
}
