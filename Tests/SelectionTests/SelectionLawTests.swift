import Basics
import Tensors
import Testing

@testable import Selection

/// What every way of choosing tokens promises, whatever it chooses.
@Suite struct `Laws of selection` {
  /// Numbers without a pattern, the same on every run.
  static func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(state: seed)
    return (0..<count).map { _ in Float.random(in: 0.001...1, using: &generator) }
  }

  static let layouts: [[Modality]] = [
    [], [.text], Array(repeating: .video, count: 7), Array(repeating: .audio, count: 5),
    [.text] + Array(repeating: .video, count: 9) + [.text],
    [.text, .image, .image] + Array(repeating: .video, count: 6)
      + Array(repeating: .audio, count: 10)
      + Array(repeating: .video, count: 4) + Array(repeating: .audio, count: 3) + [.text, .text],
    [.video, .text, .audio, .text, .video, .text, .audio],
  ]

  static let ratios = [0, 0.0001, 0.1, 0.5, 0.9999, 1, 2]

  @Test(arguments: layouts, ratios)
  func `survivors are ascending, unique, and include all text`(
    _ layout: [Modality], _ ratio: Double
  ) {
    let scores = Self.noise(layout.count, seed: 7)
    let choices = [
      TopDownBudget(videoKeep: ratio, audioKeep: ratio / 2, temperature: 0.1)
        .select(layout, scores: scores).kept,
      GlobalTopK(video: ratio, audio: nil).select(layout, scores: scores),
    ]
    for kept in choices {
      #expect(kept == Array(Set(kept)).sorted())
      #expect(layout.indices.filter { !layout[$0].isDroppable }.allSatisfy(kept.contains))
      for modality in Set(layout) {
        #expect(kept.contains { layout[$0] == modality }, "\(modality) keeps at least one")
      }
    }
  }

  @Test(arguments: layouts) func `keep ratios of 1 keep every token`(_ layout: [Modality]) {
    let scores = Self.noise(layout.count, seed: 3)
    let whole = Array(layout.indices)
    let budget = TopDownBudget(videoKeep: 1, audioKeep: 1, temperature: 0.1)
    #expect(budget.select(layout, scores: scores).kept == whole)
    #expect(GlobalTopK(video: 1, audio: nil).select(layout, scores: scores) == whole)
  }

  @Test(arguments: [1, 2, 3, 10, 64], [0.001, 0.07, 0.5, 0.93])
  func `Stage I keeps its token count in every window`(_ window: Int, _ ratio: Double) {
    let features = Tensor([50, 6], Self.noise(300, seed: 11))
    let selector = WindowedDiversity(ratio: ratio, windowTokens: window)
    let kept = selector.select(features: features, attention: Self.noise(50, seed: 5))
    for start in stride(from: 0, to: 50, by: window) {
      let size = min(window, 50 - start)
      let inside = kept.filter { (start..<start + size).contains($0) }
      #expect(inside.count == keepCount(ratio, of: size))
    }
  }

  @Test func `identical tokens are chosen once each, first ones first`() {
    let features = Tensor([6, 2], Array(repeating: 1, count: 12))
    let selector = WindowedDiversity(ratio: 0.5, windowTokens: 6)
    let kept = selector.select(features: features, attention: Array(repeating: 0, count: 6))
    #expect(kept == [0, 1, 2])
  }

  @Test func `two token runs of one modality are ranked together`() {
    let layout: [Modality] = [.video, .video, .text, .video, .video]
    let outcome = TopDownBudget(videoKeep: 0.5, audioKeep: 1, temperature: 0.1)
      .select(layout, scores: [0.4, 0.3, 0, 0.1, 0.2])
    #expect(outcome.path == .global && outcome.kept == [0, 1, 2])
    let sound = TopDownBudget(videoKeep: 1, audioKeep: 0.5, temperature: 0.1)
      .select(layout.map { $0 == .video ? .audio : $0 }, scores: [0.4, 0.3, 0, 0.1, 0.2])
    #expect(sound.path == .global && sound.kept == [0, 1, 2])
  }

  @Test func `every window keeps at least one token for any budget`() {
    #expect(TopDownBudget.corrected([0.2, 0.4, 0.4], sizes: [4, 4, 4], total: 1) == [1, 1, 1])
    #expect(TopDownBudget.corrected([0, 0, 3], sizes: [4, 4, 4], total: 3) == [1, 1, 1])
    #expect(TopDownBudget.corrected([0, 0, 9], sizes: [4, 4, 4], total: 2) == [1, 1, 1])
  }

  @Test func `a modality without relevance keeps one token of its window`() {
    let window = [Modality](repeating: .video, count: 4) + [Modality](repeating: .audio, count: 4)
    // The sound of the first window and the video of the second are all that is relevant.
    let scores: [Float] = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    let outcome = TopDownBudget(videoKeep: 0.5, audioKeep: 0.5, temperature: 0.01)
      .select(window + window, scores: scores)
    #expect(outcome.windows.map(\.budget) == [4, 4])
    #expect(outcome.windows.map(\.videoBudget) == [1, 3])
    #expect(outcome.windows.map(\.audioBudget) == [3, 1])
    #expect(outcome.kept.count == 8)
  }

  @Test func `token counts are rounded half to even`() {
    #expect(keepCount(0.5, of: 5) == 2 && keepCount(0.5, of: 7) == 4)
    #expect(wholeCount(2.5) == 2 && wholeCount(3.5) == 4 && wholeCount(.nan) == 0)
  }

  @Test func `the mean relevance of a window is summed in double precision`() throws {
    // In single precision 2²⁴ takes no 1 in: the sum would stay 2²⁴.
    let layout: [Modality] = [.video, .video, .video, .audio, .text, .video, .audio]
    let outcome = TopDownBudget(videoKeep: 0.5, audioKeep: 1, temperature: 1e8)
      .select(layout, scores: [16_777_216, 1, 1, 0, 0, 0, 0])
    let window = try #require(outcome.windows.first)
    #expect(window.videoRelevance == Float(16_777_218.0 / 3))
  }

  @Test func `equal seeds give equal random tokens`() {
    let candidates = Array(stride(from: 3, to: 300, by: 3))
    let once = RandomSelection(.init(ratio: 0.3, seed: 9)).select(from: candidates)
    #expect(once == RandomSelection(.init(ratio: 0.3, seed: 9)).select(from: candidates))
    #expect(once != RandomSelection(.init(ratio: 0.3, seed: 10)).select(from: candidates))
    #expect(once.count == 30 && once == once.sorted())
  }
}

/// Plans at the edges: what the reference leaves open is decided here.
@Suite struct `Plans` {
  private func shape(_ layers: Int, video: Int = 96, audio: Int = 100) -> PromptShape {
    PromptShape(
      layers: layers, counts: .init(text: 20, video: video, audio: audio), tokensPerGrid: 16)
  }

  private func settings(_ change: (inout SelectionSettings) -> Void) -> SelectionSettings {
    var settings = SelectionSettings(defaultsForLayers: 28)
    change(&settings)
    return settings
  }

  @Test func `the default plan of a 28-layer model is the published one`() {
    let settings = SelectionSettings(defaultsForLayers: 28)
    #expect(settings.dropLayers == [16, 18, 20])
    #expect(settings.lateLayer == 24)
    #expect(settings.budget == RetentionBudget(video: 0.1, audio: 0.45))
  }

  @Test(arguments: 1...64) func `default plans fit models of any depth`(_ layers: Int) {
    let settings = SelectionSettings(defaultsForLayers: layers)
    let end = (settings.lateLayer ?? layers + 1) - 1
    #expect(settings.dropLayers == Array(Set(settings.dropLayers)).sorted())
    #expect(settings.dropLayers.allSatisfy { $0 >= 1 && $0 < end })
    let plan = settings.plan(for: shape(layers))
    #expect(plan.notes.allSatisfy { !$0.contains("ignored") })
  }

  @Test func `a drop layer at the late removal is ignored with a note`() {
    let plan = settings { $0.dropLayers = [16, 23, 30] }.plan(for: shape(28))
    #expect(plan.boundaries.map(\.afterLayer) == [16, 23])
    #expect(plan.boundaries.last?.rule as? RemovalRule == RemovalRule())
    #expect(plan.notes.count { $0.contains("ignored") } == 2)
  }

  @Test func `λ × both ratios of at least 1 is full tokens`() {
    let plan = settings { $0.budget = .init(video: 0.8, audio: 0.9) }.plan(for: shape(28))
    #expect(plan.encoderRule == nil && plan.boundaries.isEmpty && plan.notes.count == 1)
  }

  @Test func `λ × one ratio above 1 is capped with a note`() {
    let plan = settings { $0.budget = .init(video: 0.2, audio: 0.9) }.plan(for: shape(28))
    #expect(plan.encoderRule?.ratios == RetentionBudget(video: 1.4 * 0.2, audio: 1))
    #expect(plan.notes.contains { $0.contains("capped") })
  }

  @Test func `a larger encoder ratio adds an early drop to the plan`() throws {
    var wide = settings { $0.budget = .init(nominalPercent: 10) }
    wide.method = .seatsWide
    let plan = wide.plan(for: shape(28))
    // 28 / (16 + (23 − 16)/6) = 1.631…
    let scale = 28 / (16 + 7.0 / 6)
    let ratios = try #require(plan.encoderRule?.ratios)
    #expect(abs(ratios.video - scale * 0.06) < 1e-12 && abs(ratios.audio - scale * 0.35) < 1e-12)
    #expect(plan.boundaries.map(\.afterLayer) == [16, 23])
    let drop = try #require(plan.boundaries.first?.rule as? WindowBudgetRule)
    #expect(
      drop.ratios == RetentionBudget(video: 0.1667, audio: 0.1667),
      "a sixth stays, and the average is met")
    wide.dropLayers = []
    #expect(wide.plan(for: shape(28)).notes.contains { $0.contains("no drop layer") })
  }

  @Test func `an even budget gives each modality half, up to its token count`() {
    func share(_ ratios: (Double, Double), _ counts: (Int, Int)) -> [Double] {
      let even = SeatsEven.share(
        RetentionBudget(video: ratios.0, audio: ratios.1),
        ModalityCounts(text: 9, video: counts.0, audio: counts.1))
      return [even.video * Double(counts.0), even.audio * Double(counts.1)]
    }
    func near(_ found: [Double], _ expected: [Double]) -> Bool {
      zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 }
    }
    #expect(near(share((0.06, 0.35), (32, 50)), [9.71, 9.71]))
    #expect(near(share((0.06, 0.35), (4, 50)), [4, 13.74]), "all video, the rest is audio's")
    #expect(near(share((0.5, 0.5), (100, 2)), [49, 2]))
    #expect(near(share((1, 1), (32, 50)), [32, 50]))
    #expect(near(share((0, 0), (32, 50)), [0, 0]))
    #expect(near(share((0.3, 0.6), (0, 50)), [0, 30]))
    #expect(near(share((0.3, 0.6), (32, 0)), [9.6, 0]))
    #expect(
      near(share((0.06, 0.35), (288, 50)), [17.39, 17.39]), "the published pair keeps 17.28, 17.5")
  }

  @Test func `an even budget uses the stages of SEATS`() throws {
    var even = settings { $0.budget = .init(nominalPercent: 10) }
    even.method = .seatsEven
    var same = settings { $0.budget = SeatsEven.share(even.budget, shape(28).counts) }
    same.method = .seats
    let (plan, expected) = (even.plan(for: shape(28)), same.plan(for: shape(28)))
    #expect(plan.encoderRule?.ratios == expected.encoderRule?.ratios)
    #expect(plan.boundaries == expected.boundaries && plan.notes == expected.notes)
  }

  @Test func `a late layer of 1 removes no tokens`() {
    let plan = settings { $0.lateLayer = 1 }.plan(for: shape(28))
    #expect(plan.removalLayer == nil)
    #expect(plan.notes.contains { $0.contains("late layer 1") })
  }

  @Test func `a drop layer with keep ratio 1 is still a boundary`() {
    let plan = settings { $0.encoderScale = 1.1 }.plan(for: shape(28))
    #expect(plan.boundaries.map(\.afterLayer) == [16, 18, 20, 23])
    #expect(plan.notes.contains { $0.contains("inner drops keep all") })
  }

  @Test func `a drop schedule states its average retention`() {
    let met = DropSchedule(
      target: 0.3, entering: 0.42, dropLayers: [16, 18, 20], removeAfter: 23, layers: 28)
    #expect(abs(met.averageRetention - 0.3) < 1e-9)
    // Stage I alone: 0.2 of all tokens through 23 of 28 layers, whatever the target.
    let short = DropSchedule(
      target: 0.9, entering: 0.2, dropLayers: [16, 18, 20], removeAfter: 23, layers: 28)
    #expect(abs(short.averageRetention - 0.2 * 23 / 28) < 1e-12)
    #expect(short.keepRatios == [1, 1, 1])
    // One drop that takes everything leaves the layers before it.
    let most = DropSchedule(
      target: 0.01, entering: 1, dropLayers: [14], removeAfter: nil, layers: 28)
    #expect(abs(most.averageRetention - 0.5) < 1e-12 && most.keepRatios == [0])
    let none = DropSchedule(
      target: 0.3, entering: 0.4, dropLayers: [], removeAfter: 14, layers: 28)
    let late = DropSchedule(
      target: 0.3, entering: 0.42, dropLayers: [16, 23, 24], removeAfter: 23, layers: 28)
    #expect(late.dropLayers == [16] && late.keepRatios.count == 1)
    #expect(none.averageRetention == 0.4 * 14 / 28 && none.keepRatios.isEmpty)
    let nothing = DropSchedule(
      target: 0, entering: 0, dropLayers: [16, 18], removeAfter: nil, layers: 28)
    #expect(nothing.keepRatios == [0, 0] && nothing.averageRetention == 0)
  }

  @Test(arguments: [
    // λ, the drop layer, the late layer, and whether the average misses the target by more than 1 %.
    // One drop after layer 20 of 28 leaves λ × 20 / 28 of the target; removal after layer 23 at most
    // λ × 23 / 28.
    (1.407, 20, nil as Int?, false), (1.45, 20, nil, true), (1.2113, 22, 24, false),
    (1.19, 22, 24, true),
  ])
  func `a plan that misses its target by 1 % or more has a note`(
    _ scale: Double, _ drop: Int, _ late: Int?, _ isNoted: Bool
  ) {
    let plan = settings {
      ($0.encoderScale, $0.dropLayers, $0.lateLayer) = (scale, [drop], late)
    }.plan(for: shape(28))
    #expect(
      plan.notes.count { $0.contains("closest possible") } == (isNoted ? 2 : 0), "\(plan.notes)")
  }

  @Test func `a plan has a note for each modality whose budget is not reachable`() {
    let deep = settings {
      ($0.encoderScale, $0.dropLayers, $0.lateLayer) = (10, [26], nil)
      $0.budget = .init(video: 0.05, audio: 0.09)
    }.plan(for: shape(28))
    #expect(deep.notes.count { $0.contains("still exceed the budget") } == 2, "\(deep.notes)")
    let silent = settings {
      ($0.encoderScale, $0.dropLayers, $0.lateLayer) = (10, [26], nil)
      $0.budget = .init(video: 0.05, audio: 0.09)
    }.plan(for: shape(28, audio: 0))
    #expect(silent.notes.count { $0.contains("still exceed the budget") } == 1, "\(silent.notes)")
  }

  @Test(arguments: [
    (5.0, 0.03, 0.175), (10, 0.06, 0.35), (12.5, 0.08, 0.40), (35, 0.30, 0.65),
    (67.5, 0.65, 0.825), (100, 1, 1), (0, 0, 0),
  ])
  func `ratios of any nominal retention are interpolated from the paper's`(
    _ percent: Double, _ video: Double, _ audio: Double
  ) {
    let budget = RetentionBudget(nominalPercent: percent)
    #expect(abs(budget.video - video) < 1e-12 && abs(budget.audio - audio) < 1e-12)
  }

  @Test func `a budget keeps its nominal retention until a ratio is changed`() {
    var budget = RetentionBudget(nominalPercent: 100.0 / 7)
    #expect(budget.nominal == 100.0 / 7 && budget.nominalPercent(.paper) == 100.0 / 7)
    budget.audio = 0.5
    #expect(budget.nominal == nil && budget.nominalPercent(.paper) == nil)
    #expect(budget == RetentionBudget(video: budget.video, audio: 0.5))
    budget = RetentionBudget(nominalPercent: 15)
    budget.video = 0.2
    #expect(budget.nominal == nil && budget.nominalPercent(.paper) == nil)
  }

  @Test(arguments: [1, 5, 12.5, 15, 33.3, 67.5, 99.25, 100])
  func `ratios read from a file get their nominal retention`(_ percent: Double) {
    let asked = RetentionBudget(nominalPercent: percent)
    let stated = RetentionBudget(video: asked.video, audio: asked.audio)
    #expect(stated == asked && stated.nominal == nil)
    #expect(stated.nominalPercent(.paper) == percent)
    #expect(RetentionBudget(video: asked.video, audio: 0.001).nominalPercent(.paper) == nil)
  }

  @Test func `ratios outside the valid range have no nominal retention`() {
    for (video, audio) in [(0, 0), (0.003, 0.0175), (1.5, 1.5), (-0.1, 0.1), (.nan, .nan)] {
      #expect(RetentionBudget(video: video, audio: audio).nominalPercent(.paper) == nil)
    }
  }

  @Test func `the first difference of plans is at their first different boundary`() {
    let base = settings { _ in }.plan(for: shape(28))
    #expect(base.firstDifference(from: base) == nil)
    let later = settings { $0.lateLayer = 26 }.plan(for: shape(28))
    #expect(later.firstDifference(from: base) == 16, "the schedule is solved anew")
    let none = settings { $0.lateLayer = nil }.plan(for: shape(28))
    #expect(none.firstDifference(from: base) == 16)
    let other = settings { $0.budget.video = 0.2 }.plan(for: shape(28))
    #expect(other.firstDifference(from: base) == 0)
  }
}
