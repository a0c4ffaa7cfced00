import Basics
import Synchronization
import Tensors

/// Weights that are loaded and evicted together.
struct WeightUnit: Sendable {
  enum Kind: Sendable {
    /// Of the decoder: used by every prefill and by every token of an answer.
    case decoder
    /// Of the decoder, and used by few tokens.
    case expert
    /// Of an encoder: used once for a clip.
    case encoder
  }

  /// Plain name of the matrix, or common prefix of the matrices.
  let name: String
  /// Bytes in memory.
  let bytes: Int
  /// Temporary memory of loading them.
  var scratch = 0
  /// Bytes of files that they are read from; empty for generated weights.
  let files: [FileRange]

  /// Name of the layer or block, whose weights are used together: the name up to its first number.
  var group: String {
    let parts = name.split(separator: ".")
    guard let number = parts.firstIndex(where: { Int($0) != nil }) else { return name }
    return parts[...number].joined(separator: ".")
  }

  var kind: Kind {
    if name.contains(".experts.") { return .expert }
    return name.hasPrefix("model.") || name.hasPrefix("lm_head") ? .decoder : .encoder
  }

  /// Bytes of files that loading them reads.
  var storedBytes: Int { files.reduce(0) { $0 + $1.range.count } }
}

/// Bytes of a mapped file.
struct FileRange: Sendable {
  let file: MappedFile
  let range: Range<Int>

  /// The same bytes, each once: parts of matrices that are stored interleaved overlap.
  static func disjoint(_ parts: [FileRange]) -> [FileRange] {
    parts.reduce(into: []) { merged, part in
      let overlapping = merged.firstIndex {
        $0.file === part.file && $0.range.overlaps(part.range)
      }
      guard let overlapping else { return merged.append(part) }
      let other = merged.remove(at: overlapping)
      merged.append(
        FileRange(
          file: part.file,
          range: min(
            other.range.lowerBound, part.range.lowerBound)..<max(
              other.range.upperBound, part.range.upperBound)))
    }
  }
}

/// Holds as many of a model's weights in memory as fit below a bound; those with the most distant
/// next use are evicted first.
///
/// Units are used in the order they were added in, over and over: the decoder's for every token of an
/// answer, the encoders' only for another clip.
final class WeightWindow: Sendable {
  fileprivate struct Entry: Sendable {
    let unit: WeightUnit
    let kind: WeightUnit.Kind
    let group: Int
    /// Evicts the unit; false if that is not possible now.
    var drop: @Sendable () -> Bool = { false }
  }

  fileprivate struct State {
    var entries: [Entry] = []
    var groups: [String: Int] = [:]
    /// First and last entry of each group.
    var members: [ClosedRange<Int>] = []
    var loaded: Set<Int> = []
    var loadedBytes = 0
    var current: Int?
    var budget = Int.max
    /// Bytes of temporary tensors, reserved out of a bound of the process.
    var reserved = 0
    var traffic = WeightTraffic()
  }

  let bound: MemoryBound
  private let state = Mutex(State())
  private let reader = ReadAhead()

  init(_ bound: MemoryBound) {
    self.bound = bound
    switch bound {
    case .weights(let bytes): state.withLock { $0.budget = bytes }
    case .process(let bytes): WorkingMemory.bound(bytes)
    }
  }

  /// - Returns: index of the unit in the order of use.
  func add(_ unit: WeightUnit) -> Int {
    state.withLock { state in
      let index = state.entries.count
      let group = state.groups[unit.group] ?? state.members.count
      if group == state.members.count {
        state.groups[unit.group] = group
        state.members.append(index...index)
      } else {
        state.members[group] = state.members[group].lowerBound...index
      }
      state.entries.append(Entry(unit: unit, kind: unit.kind, group: group))
      return index
    }
  }

  /// Sets how a unit is evicted.
  /// - Parameter drop: false while the unit is being loaded.
  func setEviction(of index: Int, _ drop: @escaping @Sendable () -> Bool) {
    state.withLock { $0.entries[index].drop = drop }
  }

  /// Marks a unit as in use. At the start of a layer the budget is measured again, and the next layer
  /// is read ahead.
  func begin(_ index: Int) {
    let isNew = state.withLock { state in
      defer { state.current = index }
      return state.current.map { state.entries[$0].group } != state.entries[index].group
    }
    guard isNew else { return }
    measure()
    let next = state.withLock { $0.unitsAfter(index) }
    reader.read(next.flatMap(\.files))
  }

  /// Evicts other units until a unit fits; it is loaded even if it does not.
  func makeRoom(for index: Int) {
    let evicted = state.withLock { $0.evicted(before: index) }
    for (index, drop) in evicted where drop() {
      state.withLock { $0.unload(index) }
    }
    let files = state.withLock { $0.entries[index].unit.files }
    for part in files { part.file.willRead(part.range) }
  }

  func note(loaded index: Int) {
    state.withLock { state in
      let unit = state.entries[index].unit
      if state.loaded.insert(index).inserted { state.loadedBytes += unit.bytes }
      state.traffic.most = max(state.traffic.most, state.loadedBytes)
      state.traffic.units += 1
      state.traffic.bytes += unit.storedBytes
    }
  }

  /// Starts reading a unit's files in the background.
  func readAhead(_ index: Int) {
    let files = state.withLock { $0.loaded.contains(index) ? [] : $0.entries[index].unit.files }
    reader.read(files)
  }

  /// Reserves memory, within a bound of the process, for temporary tensors of a computation.
  func reserve(_ bytes: Int) {
    state.withLock { $0.reserved = bytes }
    measure()
  }

  /// Evicts everything and sets the budget.
  func limit(_ bytes: Int) {
    let evicted = state.withLock { state in
      state.budget = bytes
      return state.loaded.map { ($0, state.entries[$0].drop) }
    }
    for (index, drop) in evicted where drop() { state.withLock { $0.unload(index) } }
  }

  private func measure() {
    guard case .process(let bound) = bound, let resident = MachineMemory.resident else { return }
    state.withLock { state in
      let others = max(0, resident - state.loadedBytes)
      state.budget = max(0, bound - others - state.reserved)
    }
  }

  /// Statistics of what was loaded so far, from files or generated.
  var traffic: WeightTraffic { state.withLock { $0.traffic } }

  /// Bytes of weights in memory now.
  var loadedBytes: Int { state.withLock { $0.loadedBytes } }

  /// The largest unit and its temporary memory: the smallest possible bound.
  var leastBytes: Int {
    state.withLock { $0.entries.map { $0.unit.bytes + $0.unit.scratch }.max() ?? 0 }
  }

  /// Bytes of all units in memory.
  var totalBytes: Int { state.withLock { $0.entries.reduce(0) { $0 + $1.unit.bytes } } }

  /// Bytes of all units in files.
  var storedBytes: Int { state.withLock { $0.entries.reduce(0) { $0 + $1.unit.storedBytes } } }

  /// Bytes of files that one token of an answer needs.
  /// - Parameter share: of the experts of a layer that a token visits.
  func storedBytesPerToken(share: Double) -> Int {
    let entries = state.withLock { $0.entries }
    let bytes = entries.reduce(0.0) { sum, entry in
      switch entry.kind {
      case .decoder: sum + Double(entry.unit.storedBytes)
      case .expert: sum + share * Double(entry.unit.storedBytes)
      case .encoder: sum
      }
    }
    return Int(bytes.rounded())
  }
}

/// Statistics of a window: what it loaded.
public struct WeightTraffic: Sendable, Equatable {
  /// Matrices, or networks of an expert.
  public internal(set) var units = 0
  /// Bytes of files.
  public internal(set) var bytes = 0
  /// Peak bytes of weights in memory.
  public internal(set) var most = 0
}

extension WeightWindow.State {
  /// Units of the next group that are not loaded, without experts: the router has not chosen yet.
  fileprivate func unitsAfter(_ index: Int) -> [WeightUnit] {
    let (kind, group) = (entries[index].kind, entries[index].group)
    let isEncoder = kind == .encoder
    var next = group + 1
    if next == members.count || (entries[members[next].lowerBound].kind == .encoder) != isEncoder {
      // After the head comes the first layer, for the next token.
      guard !isEncoder else { return [] }
      next = 0
    }
    return members[next].filter {
      entries[$0].group == next && entries[$0].kind != .expert && !loaded.contains($0)
    }.map { entries[$0].unit }
  }

  /// Units to evict so that a unit fits.
  fileprivate func evicted(before index: Int) -> [(Int, @Sendable () -> Bool)] {
    let unit = entries[index].unit
    var excess = loadedBytes + unit.bytes + unit.scratch - budget
    var candidates = loaded.subtracting([index])
    var evicted: [(Int, @Sendable () -> Bool)] = []
    while excess > 0,
      let farthest = candidates.max(by: { distance($0, index) < distance($1, index) })
    {
      candidates.remove(farthest)
      evicted.append((farthest, entries[farthest].drop))
      excess -= entries[farthest].unit.bytes
    }
    return evicted
  }

  /// How far away the next use of a unit is while another is used, in units.
  private func distance(_ index: Int, _ current: Int) -> Int {
    let (entry, now, count) = (entries[index], entries[current], entries.count)
    // A layer's own matrices are used again for the next rows, or to see what is relevant.
    if entry.group == now.group, entry.kind != .expert { return 0 }
    var distance = index >= current ? index - current : index - current + count
    switch entry.kind {
    case .decoder: break
    // Most tokens visit others.
    case .expert: distance += count
    case .encoder:
      let isDone = now.kind != .encoder || index < current
      if isDone { distance += 3 * count }
    }
    return distance
  }

  fileprivate mutating func unload(_ index: Int) {
    if loaded.remove(index) != nil { loadedBytes -= entries[index].unit.bytes }
  }
}
