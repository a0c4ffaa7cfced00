import COpenBLAS

/// Multi-head attention: softmax(q·kᵀ/√d)·v. Queries are processed in blocks, so that the full
/// score matrix is never stored.
public enum Attention {
  /// Number of query rows in a block: 512 × 4096 scores are 8 MiB.
  static let blockRows = 512

  /// Softmax attention in `precision`. A few queries over a long context are always computed in
  /// single precision: packing the keys would cost more than it saves.
  /// - Parameters:
  ///   - queries: [tokens, heads × headWidth].
  ///   - keys, values: [context, keyHeads × headWidth]; query head h uses key head h · keyHeads /
  ///     heads.
  ///   - causalOffset: query i attends to keys 0…i + causalOffset; nil for no mask.
  /// - Returns: [tokens, heads × headWidth].
  public static func attend(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, causalOffset: Int?,
    _ precision: Precision
  ) -> Activations {
    if precision != .single, queries.rows * 8 >= keys.rows {
      return Activations(
        attendRounded(
          queries, keys, values, headWidth: headWidth, segments: [0..<keys.rows],
          causalOffset: causalOffset), precision)
    }
    return Activations(
      attend(queries, keys, values, headWidth: headWidth, causalOffset: causalOffset), precision)
  }

  /// Softmax attention in single precision.
  public static func attend(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, causalOffset: Int?
  ) -> Tensor {
    let heads = queries.columns / headWidth
    let group = heads / max(1, keys.columns / headWidth)
    precondition(
      keys.shape == values.shape && group * keys.columns == queries.columns,
      "\(queries.shape), \(keys.shape), \(values.shape)")
    if queries.rows == 1, causalOffset.map({ $0 + 1 >= keys.rows }) ?? true {
      return attendAlone(queries, keys, values, headWidth: headWidth, group: group)
    }
    var result = Tensor.zeros(queries.shape)
    let blocks = (queries.rows + blockRows - 1) / blockRows
    let flops = 4 * Double(queries.rows) * Double(keys.rows) * Double(queries.columns)
    result.elements.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out.baseAddress
      ProductThreads.perform(blocks * heads, flops: flops) { piece in
        let (start, head) = (piece / heads * blockRows, piece % heads)
        let block = start..<min(start + blockRows, queries.rows)
        let visible = causalOffset.map { min(block.upperBound + $0, keys.rows) } ?? keys.rows
        let keyColumn = head / group * headWidth
        var scores = scores(
          queries, keys, rows: block, visible: visible,
          columns: (head * headWidth, keyColumn), headWidth: headWidth)
        scores.applySoftmax { row in
          causalOffset.map { min(block.lowerBound + row + $0 + 1, visible) } ?? visible
        }
        mix(
          scores, values, column: keyColumn, headWidth: headWidth,
          into: out.map { $0 + start * queries.columns + head * headWidth },
          width: queries.columns)
      }
    }
    return result
  }

  /// Attention of one query without a mask, as in decoding: the query heads that share keys are the
  /// rows of one matrix product.
  private static func attendAlone(
    _ query: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, group: Int
  ) -> Tensor {
    let heads = query.reshaped([query.columns / headWidth, headWidth])
    var result = Tensor.zeros(heads.shape)
    let flops = 4 * Double(keys.rows) * Double(query.columns)
    result.elements.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out.baseAddress
      ProductThreads.perform(keys.columns / headWidth, flops: flops) { keyHead in
        let rows = keyHead * group..<(keyHead + 1) * group
        var scores = scores(
          heads, keys, rows: rows, visible: keys.rows, columns: (0, keyHead * headWidth),
          headWidth: headWidth)
        scores.applySoftmax()
        mix(
          scores, values, column: keyHead * headWidth, headWidth: headWidth,
          into: out.map { $0 + rows.lowerBound * headWidth }, width: headWidth)
      }
    }
    return result.reshaped(query.shape)
  }

  /// Attention that each token receives within its window of consecutive tokens: softmax(q·kᵀ/√d)
  /// inside the window, averaged over heads and summed over queries.
  /// - Parameter queries, keys: [tokens, heads × headWidth], with as many key heads as query heads.
  /// - Returns: [tokens].
  public static func received(
    _ queries: Tensor, _ keys: Tensor, headWidth: Int, windowTokens: Int,
    _ precision: Precision = .single
  ) -> [Float] {
    if precision != .single {
      let windows = stride(from: 0, to: queries.rows, by: max(1, windowTokens)).map {
        $0..<min($0 + windowTokens, queries.rows)
      }
      return receivedRounded(queries, keys, headWidth: headWidth, segments: windows)
    }
    let heads = queries.columns / headWidth
    var received: [Float] = []
    for start in stride(from: 0, to: queries.rows, by: max(1, windowTokens)) {
      let window = start..<min(start + windowTokens, queries.rows)
      received += receivedInWindow(queries.rows(window), keys.rows(window), headWidth, heads)
    }
    return received
  }

  private static func receivedInWindow(
    _ queries: Tensor, _ keys: Tensor, _ headWidth: Int, _ heads: Int
  ) -> [Float] {
    let blocks = (queries.rows + blockRows - 1) / blockRows
    let flops = 2 * Double(queries.rows) * Double(keys.rows) * Double(queries.columns)
    // Partial sums are added in a fixed order, independent of the number of threads.
    var pieces = [[Float]](repeating: [], count: blocks * heads)
    pieces.withUnsafeMutableBufferPointer { pieces in
      nonisolated(unsafe) let pieces = pieces
      ProductThreads.perform(blocks * heads, flops: flops) { piece in
        let (start, head) = (piece / heads * blockRows, piece % heads)
        var scores = scores(
          queries, keys, rows: start..<min(start + blockRows, queries.rows), visible: keys.rows,
          columns: (head * headWidth, head * headWidth), headWidth: headWidth)
        scores.applySoftmax()
        pieces[piece] = scores.columnSums()
      }
    }
    var sums = [Float](repeating: 0, count: keys.rows)
    for piece in pieces {
      for (index, sum) in piece.enumerated() { sums[index] += sum }
    }
    return sums.map { $0 / Float(heads) }
  }

  /// Attention weights of queries over all keys, averaged over heads and queries.
  /// - Parameters:
  ///   - queries: [queries, heads × headWidth].
  ///   - keys: [context, keyHeads × headWidth].
  /// - Returns: [context], with sum 1.
  public static func distribution(_ queries: Tensor, _ keys: Tensor, headWidth: Int) -> [Float] {
    let heads = queries.columns / headWidth
    let group = heads / max(1, keys.columns / headWidth)
    var mean = [Float](repeating: 0, count: keys.rows)
    for head in 0..<heads {
      var scores = scores(
        queries, keys, rows: 0..<queries.rows, visible: keys.rows,
        columns: (head * headWidth, head / group * headWidth), headWidth: headWidth)
      scores.applySoftmax()
      for row in 0..<queries.rows {
        for (index, score) in scores.row(row).enumerated() { mean[index] += score }
      }
    }
    return mean.map { $0 / Float(heads * queries.rows) }
  }

  /// Attention weights of one query over all keys, head by head.
  /// - Parameters:
  ///   - query: [1, heads × headWidth].
  ///   - keys: [context, keyHeads × headWidth].
  /// - Returns: [heads, context]; each row has sum 1.
  public static func weights(_ query: Tensor, _ keys: Tensor, headWidth: Int) -> Tensor {
    let heads = query.reshaped([query.columns / headWidth, headWidth])
    let keyHeads = max(1, keys.columns / headWidth)
    let group = heads.rows / keyHeads
    var weights: [Float] = []
    weights.reserveCapacity(heads.rows * keys.rows)
    for keyHead in 0..<keyHeads {
      var scores = scores(
        heads, keys, rows: keyHead * group..<(keyHead + 1) * group, visible: keys.rows,
        columns: (0, keyHead * headWidth), headWidth: headWidth)
      scores.applySoftmax()
      weights += scores.elements
    }
    return Tensor([heads.rows, keys.rows], weights)
  }

  /// Attention scores q·kᵀ/√d of one head: [rows, visible].
  private static func scores(
    _ queries: Tensor, _ keys: Tensor, rows: Range<Int>, visible: Int,
    columns: (query: Int, key: Int), headWidth: Int
  ) -> Tensor {
    guard visible > 0 else { return Tensor([rows.count, 0], []) }
    let scale = 1 / Float(headWidth).squareRoot()
    let scores = [Float](count: rows.count * visible) { scores in
      queries.elements.withUnsafeBufferPointer { q in
        keys.elements.withUnsafeBufferPointer { k in
          OpenBLASBuffers.during {
            cblas_sgemm(
              CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows.count), Int32(visible),
              Int32(headWidth), scale,
              q.baseAddress.map { $0 + rows.lowerBound * queries.columns + columns.query },
              Int32(queries.columns), k.baseAddress.map { $0 + columns.key }, Int32(keys.columns),
              0, scores, Int32(visible))
          }
        }
      }
    }
    return Tensor([rows.count, visible], scores)
  }

  /// Weighted sum scores · v of one head, written to rows of `width` elements.
  private static func mix(
    _ scores: Tensor, _ values: Tensor, column: Int, headWidth: Int,
    into result: UnsafeMutablePointer<Float>?, width: Int
  ) {
    guard scores.columns > 0 else { return }
    values.elements.withUnsafeBufferPointer { v in
      OpenBLASBuffers.during {
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(scores.rows), Int32(headWidth),
          Int32(scores.columns), 1, scores.elements, Int32(scores.columns),
          v.baseAddress.map { $0 + column }, Int32(values.columns), 0, result, Int32(width))
      }
    }
  }
}

extension Attention {
  /// Attention within consecutive segments of the given lengths, without a mask.
  /// - Parameters: as for `attend`, with as many key heads as query heads; the lengths add up to
  ///   the number of tokens.
  public static func attendInSegments(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, lengths: [Int],
    _ precision: Precision
  ) -> Activations {
    guard precision != .single else {
      return .single(
        attendInSegments(queries, keys, values, headWidth: headWidth, lengths: lengths))
    }
    var end = 0
    let segments = lengths.map { length in
      defer { end += length }
      return end..<end + length
    }
    return Activations(
      attendRounded(
        queries, keys, values, headWidth: headWidth, segments: segments, causalOffset: nil),
      precision)
  }

  /// Attention within segments in single precision.
  public static func attendInSegments(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, headWidth: Int, lengths: [Int]
  ) -> Tensor {
    var mixed: [Float] = []
    mixed.reserveCapacity(queries.elements.count)
    var start = 0
    for length in lengths {
      let segment = start..<start + length
      mixed +=
        attend(
          queries.rows(segment), keys.rows(segment), values.rows(segment), headWidth: headWidth,
          causalOffset: nil
        ).elements
      start += length
    }
    return Tensor(queries.shape, mixed)
  }
}
