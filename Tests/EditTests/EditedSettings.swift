import Selection

/// Settings that differ in where and what they drop.
enum EditedSettings {
  /// Every method; SEATS with drops and late layer here, there, nowhere and behind the last layer.
  /// - Parameter layers: of the decoder.
  static func all(_ base: SelectionSettings, layers: Int) -> [SelectionSettings] {
    func edited(_ change: (inout SelectionSettings) -> Void) -> SelectionSettings {
      var settings = base
      settings.method = .seats
      change(&settings)
      return settings
    }
    let methods = SelectionMethod.allCases.map { method in edited { $0.method = method } }
    let late: [Int?] = [nil, 2, layers / 2, layers - 1, layers, layers + 1]
    let removals = late.map { layer in edited { ($0.lateLayer, $0.dropLayers) = (layer, []) } }
    let drops = [[1], [2, 4], [3, layers - 1], [layers - 1], [layers]].map { drops in
      edited { ($0.dropLayers, $0.lateLayer) = (drops, nil) }
    }
    return methods + removals + drops + [
      edited { $0.lateLayer = layers + 1 },
      edited { $0.budget = RetentionBudget(video: 1, audio: 1) },
      edited { $0.budget = RetentionBudget(video: 0, audio: 0) },
      edited { $0.windowTemperature = 0.001 },
      edited { $0.encoderScale = 1.9 },
      edited { ($0.method, $0.lateLayer) = (.randomLate, nil) },
      edited { ($0.method, $0.lateLayer) = (.randomLate, layers + 1) },
      edited { ($0.method, $0.seed) = (.random, 7) },
      edited { $0.forced = ForcedTokens(kept: TokenList(video: 0..<9, audio: [1, 30])) },
      edited { $0.forced = ForcedTokens(dropped: TokenList(video: [0, 5], audio: 0..<20)) },
      edited {
        $0.method = .omnipack
        $0.forced = ForcedTokens(kept: TokenList(audio: 3..<9), dropped: TokenList(video: 0..<4))
      },
      edited {
        $0.method = .full
        $0.forced = ForcedTokens(dropped: TokenList(audio: 0..<4))
      },
      edited { ($0.method, $0.budget) = (.fastv, RetentionBudget(video: 0.6, audio: 0.9)) },
    ]
  }
}
