import Basics
import Synchronization
import Tensors

/// Weights that are loaded and evicted together.
struct WeightUnit: Sendable {
  enum Kind: Sendable {
    /// Weights of the decoder, used by every prefill and by every token of an answer.
    case decoder
    /// Weights of one expert of the decoder, used by few tokens.
    case expert
    /// Weights of an encoder, used once for a clip.
    case encoder
  }

  /// Name of the matrix, or common prefix of several matrices.
  let name: String
  /// Size in memory, in bytes.
  let bytes: Int
  /// Temporary memory needed to load the weights, in bytes.
  var scratch = 0
  /// Parts of files that contain the weights; empty for generated weights.
  let files: [FileRange]

  /// Name of the layer or block whose weights are used together: the unit's name up to its first
  /// number.
  var group: String {
    let parts = name.split(separator: ".")
    guard let number = parts.firstIndex(where: { Int($0) != nil }) else { return name }
    return parts[...number].joined(separator: ".")
  }

  var kind: Kind {
    if name.contains(".experts.") { return .expert }
    return name.hasPrefix("model.") || name.hasPrefix("lm_head") ? .decoder : .encoder
  }

  /// Number of bytes that loading the weights reads from files.
  var storedBytes: Int { files.reduce(0) { $0 + $1.range.count } }
}

/// A byte range of a mapped file.
struct FileRange: Sendable {
  let file: MappedFile
  let range: Range<Int>

  /// The ranges without overlaps, which occur if matrices are stored interleaved.
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

/// Keeps as many of a model's weights in memory as fit below a bound; those with the most distant
/// next use are evicted first.
/// Units are used repeatedly, in the order in which they were added: those of the decoder for every
/// token of an answer, those of the encoders only for another clip.
final class WeightWindow: Sendable {
  fileprivate struct Entry: Sendable {
    let unit: WeightUnit
    let kind: WeightUnit.Kind
    let group: Int
    /// Evicts the unit's weights; false if that is not possible now.
    var drop: @Sendable () -> Bool = { false }
  }

  fileprivate struct State {
    var entries: [Entry] = []
    var groups: [String: Int] = [:]
    /// Indices of the first and last entry of each group.
    var members: [ClosedRange<Int>] = []
    var loaded: Set<Int> = []
    var loadedBytes = 0
    var current: Int?
    var budget = Int.max
    /// Bytes reserved for temporary tensors, if the bound applies to the process.
    var reserved = 0
    var traffic = WeightTraffic()
  }

  let bound: MemoryBound
  private let state = Mutex(State())
  private let reader: ReadAhead

  init(_ bound: MemoryBound) {
    self.bound = bound
    let bytes =
      switch bound {
      case .weights(let bytes), .process(let bytes): bytes
      }
    reader = ReadAhead(most: min(512 << 20, bytes / 16))
    switch bound {
    case .weights(let bytes): state.withLock { $0.budget = bytes }
    case .process(let bytes): WorkingMemory.bound(bytes)
    }
  }

  /// Adds a unit; the order of calls is the order of use.
  /// - Returns: index of the unit.
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

  /// Sets the function that evicts a unit's weights.
  /// - Parameter drop: returns false while the unit is being loaded.
  func setEviction(of index: Int, _ drop: @escaping @Sendable () -> Bool) {
    state.withLock { $0.entries[index].drop = drop }
  }

  /// Marks a unit as in use. At the start of a layer, measures the budget again and starts reading
  /// the next layer.
  func begin(_ index: Int) {
    let (before, group) = state.withLock { state in
      defer { state.current = index }
      return (state.current.map { state.entries[$0].group }, state.entries[index].group)
    }
    guard before != group else { return }
    measure()
    // Another pass, or a step back: what was requested is not what is used next.
    if before != group - 1 { reader.reset() }
    let next = state.withLock { $0.unitsAfter(index) }
    reader.read(next)
  }

  /// Evicts other units until this unit fits; the unit is loaded even if it does not fit.
  func makeRoom(for index: Int) {
    let evicted = state.withLock { $0.evicted(before: index) }
    for (index, drop) in evicted where drop() {
      state.withLock { $0.unload(index) }
    }
    let files = state.withLock { $0.entries[index].unit.files }
    for part in files { part.file.populate(part.range) }
  }

  func note(loaded index: Int) {
    reader.used(index)
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
    reader.read([ReadAhead.Request(unit: index, files: files)])
  }

  /// Reserves memory for temporary tensors of a computation, if the bound applies to the process.
  func reserve(_ bytes: Int) {
    state.withLock { $0.reserved = bytes }
    measure()
  }

  /// Evicts all weights and sets the budget in bytes.
  func limit(_ bytes: Int) {
    let evicted = state.withLock { state in
      state.budget = bytes
      return state.loaded.map { ($0, state.entries[$0].drop) }
    }
    for (index, drop) in evicted where drop() { state.withLock { $0.unload(index) } }
  }

  private func measure() {
    guard case .process(let bound) = bound, let resident = MachineMemory.resident else { return }
    let space = Self.addressSpace
    state.withLock { state in
      let others = max(0, resident - state.loadedBytes)
      let room = min(bound - others, space.map { $0 + state.loadedBytes } ?? .max)
      state.budget = max(0, room - state.reserved)
    }
  }

  /// Statistics of the weights loaded so far, from files or generated.
  var traffic: WeightTraffic { state.withLock { $0.traffic } }

  /// Bytes of weights in memory now.
  var loadedBytes: Int { state.withLock { $0.loadedBytes } }

  /// The smallest possible bound in bytes: the largest unit with its temporary memory.
  var leastBytes: Int {
    state.withLock { $0.entries.map { $0.unit.bytes + $0.unit.scratch }.max() ?? 0 }
  }

  /// Size of all units in memory, in bytes.
  var totalBytes: Int { state.withLock { $0.entries.reduce(0) { $0 + $1.unit.bytes } } }

  /// Size of all units in files, in bytes.
  var storedBytes: Int { state.withLock { $0.entries.reduce(0) { $0 + $1.unit.storedBytes } } }

  /// Number of bytes that one token of an answer reads from files.
  /// - Parameter share: fraction of a layer's experts to which one token is routed.
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

/// Statistics of streamed weights: loads, bytes read and peak memory.
public struct WeightTraffic: Sendable, Equatable {
  /// Number of units loaded: matrices, or MLPs of experts.
  public internal(set) var units = 0
  /// Bytes read from files.
  public internal(set) var bytes = 0
  /// Peak size of loaded weights, in bytes.
  public internal(set) var most = 0
}

extension WeightWindow.State {
  /// Units of the next group that are not loaded, without experts, which the router has not
  /// selected yet.
  fileprivate func unitsAfter(_ index: Int) -> [ReadAhead.Request] {
    let (kind, group) = (entries[index].kind, entries[index].group)
    let isEncoder = kind == .encoder
    var next = group + 1
    if next == members.count || (entries[members[next].lowerBound].kind == .encoder) != isEncoder {
      // The head is followed by the first layer, for the next token.
      guard !isEncoder else { return [] }
      next = 0
    }
    return members[next].filter {
      entries[$0].group == next && entries[$0].kind != .expert && !loaded.contains($0)
    }.map { ReadAhead.Request(unit: $0, files: entries[$0].unit.files) }
  }

  /// Units to evict so that another unit fits, with their eviction functions.
  fileprivate func evicted(before index: Int) -> [(Int, @Sendable () -> Bool)] {
    let unit = entries[index].unit
    var excess = loadedBytes + unit.bytes + unit.scratch - budget
    guard excess > 0 else { return [] }
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

  /// Distance to the next use of a unit, in units, while unit `current` is in use.
  private func distance(_ index: Int, _ current: Int) -> Int {
    let (entry, now, count) = (entries[index], entries[current], entries.count)
    // The matrices of the current layer are used again for the next rows, or to compute relevance.
    if entry.group == now.group, entry.kind != .expert { return 0 }
    var distance = index >= current ? index - current : index - current + count
    switch entry.kind {
    case .decoder: break
    // Most tokens are routed to other experts.
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
