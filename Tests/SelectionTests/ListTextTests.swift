import Testing

@testable import Selection

/// Lists as they are typed.
@Suite struct `List arguments` {
  private func numbers(_ text: String) throws -> ListText<Double> {
    try ListText(text) { Double($0) }
  }

  @Test func `list entries keep their order, and repeated ones count once`() throws {
    let list = try numbers(" 35, 10,10.0 ,1e1,35")
    #expect(list.entries == [35, 10] && list.repeated == ["10.0", "1e1", "35"])
  }

  @Test(arguments: [("35,,10", 2), ("", 1), (",35", 1), ("35,", 2), ("35, ,10", 2), (",", 1)])
  func `an empty list entry is an error with its place`(_ text: String, _ place: Int) {
    #expect(throws: ListTextError.emptyEntry(place: place)) { try self.numbers(text) }
  }

  @Test func `an invalid list entry is named in the error`() {
    #expect(throws: ListTextError.unknownEntry("x1")) { try self.numbers("35,x1") }
  }

  @Test(arguments: [
    ("16-18-20", [16, 18, 20]), ("20,16, 18", [16, 18, 20]), ("none", []), (" None ", []),
    ("3 1, 3", [1, 3]), ("7", [7]),
  ])
  func `a list of layers is sorted ascending`(_ text: String, _ layers: [Int]) throws {
    #expect(try LayerListText.layers(text) == layers)
  }

  @Test(arguments: ["16--18", "16,,18", "-4", "4-", "", "+4", "0", "100000", "1-x", "4 5 -"])
  func `an invalid list of layers is refused`(_ text: String) {
    #expect(throws: ListTextError.self) { try LayerListText.layers(text) }
  }
}

/// What settings are recognised by in results.
@Suite struct `The identity of settings` {
  private let settings = SelectionSettings(dropLayers: [16, 18], lateLayer: 24)

  @Test func `the identity of settings lists all but newer defaults`() {
    let expected =
      "method=seats video=0.1 audio=0.45 encoder_scale=1.4 drop_layers=16-18 late_layer=24 "
      + "grids_per_window=2 audio_window_seconds=2 window_temperature=0.1"
    #expect(settings.identity == expected)
  }

  @Test func `the identity of settings changes with every setting`() {
    var all: [SelectionSettings] = [settings]
    func add(_ change: (inout SelectionSettings) -> Void) {
      var other = settings
      change(&other)
      all.append(other)
    }
    add { $0.method = .fastv }
    add { $0.budget.video = 0.1000001 }
    add { $0.budget.audio = 0.5 }
    add { $0.encoderScale = 1.5 }
    add { $0.dropLayers = [16] }
    add { $0.lateLayer = nil }
    add { $0.windows.grids = 3 }
    add { $0.windows.audioSeconds = 3 }
    add { $0.windowTemperature = 0.3 }
    add { $0.seed = 1 }
    add { $0.encoderScale = .nan }
    #expect(Set(all.map(\.identity)).count == all.count)
  }

  @Test func `the identity of full-token settings ignores unused parameters`() {
    var full = settings
    full.method = .full
    var other = full
    other.encoderScale = 3
    #expect(full.identity == other.identity)
  }
}
