import CKernels

/// Keys and values of several segments, packed in panels for each head.
private struct PackedContext: Sendable {
  let segments: [Range<Int>]
  let heads, headWidth: Int
  private let memory: AlignedMemory
  /// Offset of each segment within the keys, and within the values, of one head.
  private let offsets: [Int]

  /// Number of elements of a segment's keys, or of its values, padded to whole vectors.
  private static func numbers(_ tokens: Int, _ headWidth: Int) -> Int {
    (tokens + 15) / 16 * 16 * ((headWidth + 15) / 16 * 16)
  }

  init(_ keys: Tensor, _ values: Tensor?, headWidth: Int, segments: [Range<Int>]) {
    self.segments = segments
    self.headWidth = headWidth
    heads = keys.columns / headWidth
    offsets = segments.reduce(into: [0]) {
      $0.append($0[$0.count - 1] + Self.numbers($1.count, headWidth))
    }
    memory = AlignedMemory(
      heads * (offsets.last ?? 0) * (values == nil ? 2 : 4))
    let work = Double(keys.elements.count) * 20
    ProductThreads.perform(segments.count * heads, flops: work) { piece in
      let (segment, head) = (piece / heads, piece % heads)
      packKeys(keys, segment, head)
      if let values { packValues(values, segment, head) }
    }
  }

  private var numbersPerHead: Int { offsets.last ?? 0 }

  private func keys(_ segment: Int, _ head: Int) -> UnsafeMutablePointer<UInt16> {
    memory.pointer(to: UInt16.self) + head * numbersPerHead + offsets[segment]
  }

  private func values(_ segment: Int, _ head: Int) -> UnsafeMutablePointer<UInt16> {
    keys(segment, head + heads)
  }

  private func packKeys(_ keys: Tensor, _ segment: Int, _ head: Int) {
    let range = segments[segment]
    let panelNumbers = (headWidth + 1) / 2 * 2 * PanelLayout.panelColumns
    keys.elements.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for (panel, first) in stride(
        from: range.lowerBound, to: range.upperBound, by: PanelLayout.panelColumns
      ).enumerated() {
        let count = min(PanelLayout.panelColumns, range.upperBound - first)
        kernel_bf16_pack_floats(
          source + first * keys.columns + head * headWidth, keys.columns, count, headWidth,
          self.keys(segment, head) + panel * panelNumbers, (count + 15) / 16 * 16)
      }
    }
  }

  private func packValues(_ values: Tensor, _ segment: Int, _ head: Int) {
    let range = segments[segment]
    values.elements.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for column in stride(from: 0, to: headWidth, by: PanelLayout.panelColumns) {
        kernel_bf16_pack_columns(
          source + range.lowerBound * values.columns + head * headWidth + column, values.columns,
          min(PanelLayout.panelColumns, headWidth - column), range.count,
          self.values(segment, head) + (range.count + 1) / 2 * 2 * column)
      }
    }
  }

  func kernelContext(_ segment: Int, _ head: Int) -> bf16_context {
    bf16_context(
      keys: keys(segment, head), values: values(segment, head), count: segments[segment].count,
      width: headWidth)
  }
}

extension Attention {
  /// Number of tokens that one thread processes at a time: whole tiles, and about 200 rows of
  /// stacked queries, which with their sums fit in the second-level cache.
  private static func pieceTokens(group: Int) -> Int { max(1, 32 / group) * bf16_tile_rows }

  /// Attention in bfloat16 within each of several segments of consecutive tokens. Keys and values
  /// belong to the same tokens or, for a single segment, also to earlier tokens.
  static func attendRounded(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, segments: [Range<Int>],
    causalOffset: Int?
  ) -> BFloat16Rows {
    let context = PackedContext(keys, values, headWidth: headWidth, segments: segments)
    let group = queries.columns / headWidth / context.heads
    let result = BFloat16Rows(rows: queries.rows, columns: queries.columns)
    let past = segments.count == 1 ? keys.rows - queries.rows : 0
    let pieces = Piece.all(
      segments.map { $0.lowerBound..<$0.upperBound - past }, heads: context.heads,
      tokens: pieceTokens(group: group), latestFirst: causalOffset != nil)
    let flops = 4 * Double(queries.elements.count) * Double(segments.map(\.count).max() ?? 0)
    queries.elements.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      nonisolated(unsafe) let source = base
      ProductThreads.perform(pieces.count, flops: flops) { index in
        let piece = pieces[index]
        let column = piece.head * group * headWidth
        let tokens = bf16_queries(
          values: source + piece.tokens.lowerBound * queries.columns + column,
          token_stride: queries.columns, tokens: piece.tokens.count, heads: group)
        let context = context.kernelContext(piece.segment, piece.head)
        let seen = causalOffset.map { min(piece.tokens.lowerBound + $0 + 1, context.count) }
        let scratch = AlignedMemory(
          kernel_bf16_attend_scratch(piece.tokens.count * group, headWidth))
        kernel_bf16_attend(
          tokens, context, seen ?? context.count, causalOffset == nil ? 0 : 1,
          result.pointer + piece.tokens.lowerBound * result.stride + column, result.stride,
          scratch.base)
      }
    }
    return result
  }

  /// Attention received by each token, with bfloat16 products.
  static func receivedRounded(
    _ queries: Tensor, _ keys: Tensor, headWidth: Int, segments: [Range<Int>]
  ) -> [Float] {
    let context = PackedContext(keys, nil, headWidth: headWidth, segments: segments)
    let heads = context.heads
    // One row of sums per head; the rows are added in a fixed order, independent of threads.
    var perHead = Tensor.zeros([heads, keys.rows])
    let flops = 2 * Double(queries.elements.count) * Double(segments.map(\.count).max() ?? 0)
    queries.elements.withUnsafeBufferPointer { all in
      perHead.elements.withUnsafeMutableBufferPointer { received in
        guard let all = all.baseAddress, let received = received.baseAddress else { return }
        nonisolated(unsafe) let (source, sums) = (all, received)
        ProductThreads.perform(segments.count * heads, flops: flops) { piece in
          let (segment, head) = (segments[piece / heads], piece % heads)
          let tokens = bf16_queries(
            values: source + segment.lowerBound * queries.columns + head * headWidth,
            token_stride: queries.columns, tokens: segment.count, heads: 1)
          let scratch = AlignedMemory(
            kernel_bf16_received_scratch(segment.count, headWidth))
          kernel_bf16_received(
            tokens, context.kernelContext(piece / heads, head),
            sums + head * keys.rows + segment.lowerBound, scratch.base)
        }
      }
    }
    return perHead.columnSums().map { $0 / Float(heads) }
  }
}

/// A part of the attention that one thread computes: some tokens of a segment, and one key head.
private struct Piece {
  let segment, head: Int
  let tokens: Range<Int>

  /// Divides the attention into parts.
  /// - Parameter latestFirst: starts later tokens first, since with a causal mask they take longer;
  ///   this balances the threads.
  static func all(
    _ segments: [Range<Int>], heads: Int, tokens: Int, latestFirst: Bool
  ) -> [Piece] {
    let pieces = segments.enumerated().flatMap { segment, range in
      stride(from: range.lowerBound, to: range.upperBound, by: tokens).flatMap { first in
        (0..<heads).map {
          Piece(
            segment: segment, head: $0, tokens: first..<min(first + tokens, range.upperBound))
        }
      }
    }
    return latestFirst ? pieces.reversed() : pieces
  }
}
