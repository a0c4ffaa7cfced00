import Selection
import Terminal

@testable import Dashboard

/// Keys from a seed, as somebody presses them who tries everything.
struct KeyScript {
  private var random: SeededGenerator

  init(seed: Int) { random = SeededGenerator(seed) }

  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[Int.random(in: choices.indices, using: &random)]
  }

  private static let groups: [(keys: String, weight: Int)] = [
    (" ", 8), ("n", 12), ("p", 6), ("d", 5), ("L", 3), ("0", 3), ("f", 2), ("+-][", 8), ("VvAa", 8),
    ("}{", 10), ("m", 6), ("=", 2), ("e", 12), ("jkgG,.", 3), ("1234568", 3), ("3KXwuljK", 4),
    ("cbtTHh", 2),
    ("s", 1),
    ("<>", 1), ("R", 1),
  ]
  private static let keys = groups.flatMap { group in
    (0..<group.weight).map { _ in Array(group.keys) }
  }

  /// Presses some keys; the engine works in between.
  mutating func play(_ count: Int, on screen: inout EditedScreen) throws {
    for _ in 0..<count {
      try press(on: &screen)
      if random.chance(0.15) {
        try screen.settle()
      } else {
        try screen.goOn(
          pieces: Int.random(in: 0..<6, using: &random), events: pick([0, 1, 2, 100, 100, 100]))
      }
    }
  }

  private mutating func press(on screen: inout EditedScreen) throws {
    if random.chance(0.03) { return try screen.interrupt() }
    if random.chance(0.05) {
      return screen.cancel(afterSteps: Int.random(in: 0..<8, using: &random))
    }
    if random.chance(0.02) {
      try screen.press(.character("B"))
      for letter in pick(["layer 3", "drops", "kept < 33.33 %", "video < 20"]) {
        try screen.press(.character(letter))
      }
      return try screen.press(.enter)
    }
    let key = pick(pick(Self.keys))
    try screen.press(.character(key))
    if key == "e", screen.form != nil { try fill(on: &screen) }
  }
}

// MARK: - The form

extension EditedScreen {
  var form: PlanForm? {
    if case .plan(let form) = app.view.overlay { form } else { nil }
  }
}

extension KeyScript {
  private mutating func fill(on screen: inout EditedScreen) throws {
    for _ in 0..<Int.random(in: 0..<5, using: &random) {
      for _ in 0..<Int.random(in: 0..<6, using: &random) { try screen.press(pick([.down, .up])) }
      guard let form = screen.form else { return }
      if form.focus == .method {
        try screen.press(pick([.left, .right, .character(" ")]))
      } else {
        try type(form.focus, on: &screen)
      }
    }
    try screen.press(random.chance(0.85) ? .enter : .escape)
    // A field that is wrong keeps the form open.
    if screen.form != nil { try screen.press(.escape) }
  }

  private mutating func type(_ field: PlanForm.Field, on screen: inout EditedScreen) throws {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: try screen.press(.backspace)
    case 1: try screen.press(.character(pick(Array("0123456789.-x"))))
    case 2: try screen.paste(pick(["1", "12", "none", "2-3", String(repeating: "9", count: 5000)]))
    default:
      try screen.press(.control("u"))
      for character in text(field, layers: screen.app.run.layers) {
        try screen.press(.character(character))
      }
    }
  }

  private mutating func text(_ field: PlanForm.Field, layers: Int) -> String {
    switch field {
    case .method: ""
    case .retention: pick(["1", "7.77", "10", "12.5", "15", "35", "36", "60", "100", "0", "x"])
    case .video, .audio: pick(["0", "0.5", "5", "12.3456789", "33.3", "70", "100", "101", ""])
    case .encoderScale: pick(["0", "1", "1.23456", "1.4", "2.7", "9", "1000", "-1"])
    case .dropLayers:
      pick(["none", "1", "2-4", "1-2-3", "\(layers / 2)", "\(layers - 1)", "\(layers)", "0"])
    case .lateLayer:
      pick(["none", "1"] + (2...layers + 2).map(String.init))
    case .temperature: pick(["0.001", "0.1", "0.3", "0.123456", "5", "0"])
    case .grids, .audioSeconds: pick(["1", "2", "3", "7", "10000", "0"])
    case .seed: pick(["0", "1", "7", "18446744073709551615", "-1"])
    case .declared: pick(["0", "0.05", "0.2", "1", "-1"])
    }
  }
}
