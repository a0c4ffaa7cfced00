/// The screens that exist, by the digit that opens them. A new one is a case, its page, and a file.
public enum Screen: Int, Sendable, CaseIterable {
  case layers = 1
  case windows = 2
  case tokens = 3
  case timing = 4
  case compare = 5
  case dependency = 6
  case sweep = 7
  case input = 8
  case log = 9

  /// What draws the screen and takes its keys.
  var page: any ScreenPage.Type {
    switch self {
    case .layers: LayersScreen.self
    case .windows: WindowsScreen.self
    case .tokens: TokensScreen.self
    case .timing: TimingScreen.self
    case .compare: CompareScreen.self
    case .dependency: DependencyScreen.self
    case .sweep: SweepScreen.self
    case .input: InputScreen.self
    case .log: LogScreen.self
    }
  }

  var title: String { page.title }

  /// The next screen in the order of the digits, from the last to the first; backwards by −1.
  func next(_ step: Int = 1) -> Screen {
    let all = Self.allCases
    let index = (all.firstIndex(of: self) ?? 0) + step
    return all[(index % all.count + all.count) % all.count]
  }
}
