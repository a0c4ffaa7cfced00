import Foundation
import OmniModel
import Runs
import Selection

/// Worth study of one prompt: each window of video or audio is left out from a layer on, and the
/// answer is compared with that of the unmodified run.
///
/// The unmodified prefill runs once; each trial continues from its snapshot before that layer.
public struct WorthProbe: Sendable {
  /// The windows with their importance, and the effects measured so far.
  public private(set) var result: WorthResult
  private let question: EncodedQuestion
  private let cost: ReferenceCost
  private let request: WorthRequest
  private let plan: SelectionPlan
  private let trials: OmissionProbe
  private var ahead: ArraySlice<Int>

  /// Names of the measures computed before the decoder.
  public static let attentionReceived = "attention received"
  public static let salience = "salience"

  /// Name of the relevance after a layer.
  public static func relevance(after layer: Int) -> String { "relevance \(layer)" }

  /// Runs the unmodified prompt, and states the cost of the trials.
  public init(
    _ question: EncodedQuestion, _ request: WorthRequest, _ cancellation: Cancellation
  ) throws(PrefillError) {
    (self.question, self.request) = (question, request)
    cost = ReferenceCost(DecoderShape(question.thinker.configuration.text))
    plan = request.base(for: question.shape)
    trials = try OmissionProbe(
      question.prefill(plan), plan: plan, from: request.layer, by: question.thinker,
      longestAnswer: question.longestAnswer, cancellation)
    let prompt = PromptTokens(question)
    let measures = try Self.measures(question, request, trials.whole, plan, cancellation)
    let present = prompt.list(trials.whole.positions(entering: request.layer))
    let windows = Self.parts(request, question.shape).map { part in
      let positions = prompt.positions(part.tokens)
      return WorthResult.Window(
        modality: part.modality, clip: part.clip, index: part.index, tokens: part.tokens,
        seconds: positions.first.flatMap(prompt.seconds),
        present: part.tokens.intersection(present).count,
        importance: Dictionary(uniqueKeysWithValues: measures.map { ($0.name, $0.sum(positions)) }))
    }
    ahead = Array(windows.indices)[...]
    let entering = trials.whole.outcomes[request.layer + 1].entering
    let left = windows.filter { $0.present > 0 }.map {
      entering.without($0.tokens.intersection(present))
    }
    let unmodified = trials.unmodified
    result = WorthResult(
      fromLayer: request.layer, base: request.baseName, answer: unmodified.text,
      isRight: question.question.isRight(unmodified.text),
      cost: WorthCost(
        left, plan, from: request.layer, cost, measured: trials.measured(request.layer, cost)),
      measures: measures.map(\.name), windows: windows)
  }

  /// Number of windows that are not measured yet.
  public var remaining: Int { ahead.count }

  /// Measures the next window.
  /// - Returns: whether there was one.
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> Bool {
    guard let index = ahead.first else { return false }
    result.windows[index].effect = try effect(of: result.windows[index], cancellation)
    ahead.removeFirst()
    return true
  }

  private func effect(
    of window: WorthResult.Window, _ cancellation: Cancellation
  ) throws(PrefillError) -> WorthResult.Effect {
    // Tokens that were dropped before have no effect.
    guard window.present > 0 else {
      return WorthResult.Effect(
        divergence: 0, answer: result.answer, isSame: true, isRight: result.isRight,
        referenceFlops: 0, executedFlops: 0)
    }
    let outcome = try trials.outcome(
      of: plan.leavingOut(window.tokens, from: request.layer), from: request.layer, cancellation)
    let layers = outcome.steps.dropLast().map(\.entering.total)
    return WorthResult.Effect(
      divergence: outcome.divergence, answer: outcome.answer.text, isSame: outcome.isSame,
      isRight: question.question.isRight(outcome.answer.text),
      referenceFlops: cost.prefill(
        tokensPerLayer: layers, final: outcome.steps.last?.entering.total ?? 0),
      executedFlops: outcome.executedFlops)
  }

  private typealias Part = (modality: Modality, clip: Int, index: Int, tokens: TokenList)

  /// What is left out, one trial each: the windows of the study, or its span.
  private static func parts(_ request: WorthRequest, _ shape: PromptShape) -> [Part] {
    guard let span = request.span?.within(shape.counts) else {
      return MediaWindow.all(in: shape, request.windows).map {
        ($0.modality, $0.clip, $0.index, $0.tokens)
      }
    }
    guard !span.isEmpty else { return [] }
    return [(span.video.isEmpty ? .audio : .video, 0, 0, span)]
  }
}

// MARK: - Measures

extension WorthProbe {
  /// A score per prompt position; positions without one are absent.
  private struct TokenScores {
    let name: String
    let scores: [Int: Float]

    /// The sum over some tokens, to six significant digits: single precision has no more.
    func sum(_ positions: [Int]) -> Double {
      let sum = positions.reduce(0) { $0 + Double(scores[$1] ?? 0) }
      guard sum != 0, sum.isFinite else { return sum }
      let unit = pow(10, 5 - floor(log10(abs(sum))))
      return (sum * unit).rounded() / unit
    }
  }

  private static func measures(
    _ question: EncodedQuestion, _ request: WorthRequest, _ whole: Prefill, _ plan: SelectionPlan,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> [TokenScores] {
    var measures: [TokenScores] = []
    for layer in request.relevanceLayers where 1...whole.layerCount ~= layer {
      measures.append(
        TokenScores(
          name: relevance(after: layer),
          scores: try whole.relevance(afterLayer: layer, plan, cancellation)))
    }
    let inputs = whole.encoderInputs(cancellation)
    let packing = packing(question)
    do {
      let attention = try EncoderScores.attentionReceived(inputs, in: request.measureWindows)
      measures.append(TokenScores(name: attentionReceived, scores: attention.byPosition))
      if let packing {
        let salience = try EncoderScores.salience(inputs, packing)
        measures.append(TokenScores(name: Self.salience, scores: salience.byPosition))
      }
    } catch let error as PrefillError {
      throw error
    } catch {
      throw .engine(EngineFault(.failed, reason: "\(error)"))
    }
    return measures
  }

  /// OmniPack's first stage with default settings; nil if it drops nothing.
  private static func packing(_ question: EncodedQuestion) -> EventPackingRule? {
    var settings = SelectionSettings(defaultsForLayers: question.shape.layers)
    settings.method = .omnipack
    let pairs = question.thinker.configuration.family.published.pairs
    settings.budget = RetentionBudget(nominalPercent: 15, pairs: pairs)
    return settings.plan(for: question.shape).encoderRule as? EventPackingRule
  }
}

extension [Float] {
  fileprivate var byPosition: [Int: Float] {
    Dictionary(uniqueKeysWithValues: enumerated().map { ($0.offset, $0.element) })
  }
}

extension Prefill {
  /// Prompt positions of the tokens that a finished layer processed, counted from 1.
  fileprivate func positions(entering layer: Int) -> [Int] {
    outcomes.prefix(layer + 1).last { $0.drop != nil }?.drop?.kept
      ?? Array(prompt.modalities.indices)
  }

  /// Relevance after a layer of a complete prefill, by prompt position: that of the plan's rule, or
  /// the attention of the last text token.
  fileprivate func relevance(
    afterLayer layer: Int, _ plan: SelectionPlan, _ cancellation: Cancellation
  ) throws(PrefillError) -> [Int: Float] {
    func scores(_ outcome: StepOutcome?) -> [Int: Float]? {
      guard let drop = outcome?.drop, drop.scores.count == drop.before.count, !drop.scores.isEmpty
      else { return nil }
      return Dictionary(uniqueKeysWithValues: zip(drop.before, drop.scores))
    }
    if let known = scores(outcomes[layer + 1]) { return known }
    // A rule that keeps every token, for its scores only.
    let rule = LayerBoundary(
      afterLayer: layer, rule: GlobalRule(KeptShares(video: 1, audio: 1)))
    let others = plan.boundaries.filter { $0.afterLayer != layer }
    var scored = self
    scored.apply(
      SelectionPlan(
        method: plan.method, encoderRule: plan.encoderRule,
        boundaries: (others + [rule]).sorted { $0.afterLayer < $1.afterLayer }))
    while scored.outcomes.count < layer + 2 { try scored.advance(cancellation) }
    return scores(scored.outcomes[layer + 1]) ?? [:]
  }
}

extension OmissionProbe {
  /// Time of the unmodified run from a layer on.
  fileprivate func measured(_ layer: Int, _ cost: ReferenceCost) -> WorthCost.Measured {
    let steps = whole.outcomes.dropFirst(layer + 1)
    return WorthCost.Measured(
      seconds: steps.reduce(0) { $0 + $1.computeSeconds + $1.selectionSeconds },
      referenceFlops: cost.prefill(
        tokensPerLayer: steps.dropLast().map(\.entering.total),
        final: steps.last?.entering.total ?? 0), decodingSeconds: decodingSeconds)
  }
}

/// Positions of the video and audio tokens of a prompt by their ordinals.
private struct PromptTokens {
  private let modalities: [Modality]
  private let ordinals: [Int]
  private let positions: [Modality: [Int]]
  private let tokens: [PromptToken]

  init(_ question: EncodedQuestion) {
    modalities = question.prompt.modalities
    ordinals = modalities.ordinals
    positions = Dictionary(grouping: modalities.indices) { [modalities] in modalities[$0] }
    tokens = question.prompt.tokens
  }

  func positions(_ list: TokenList) -> [Int] {
    [Modality.video, .audio].flatMap { modality in
      let all = positions[modality] ?? []
      return list[modality].filter { $0 < all.count }.map { all[$0] }
    }.sorted()
  }

  /// The video and audio tokens at some positions.
  func list(_ positions: [Int]) -> TokenList {
    TokenList(
      video: positions.filter { modalities[$0] == .video }.map { ordinals[$0] },
      audio: positions.filter { modalities[$0] == .audio }.map { ordinals[$0] })
  }

  /// Start time of a token in its clip, in seconds; nil if unknown.
  func seconds(_ position: Int) -> Double? { tokens[position].seconds }
}
