import Basics

/// Reads tables whose rows are not one JSON object each.
enum TaskTable {
  /// The rows of a JSON object: in the format of the Hugging Face dataset server, with a list per
  /// column, with an object of indices per column (pandas), or as one list next to metadata. Nil
  /// for other objects.
  static func rows(_ members: [OrderedJSON.Member]) -> [OrderedJSON]? {
    served(members) ?? listed(members) ?? placed(members) ?? besideOthers(members)
  }

  /// Rows in the format of the Hugging Face dataset server:
  /// `{"features": …, "rows": [{"row_idx": 0, "row": {…}}, …]}`
  private static func served(_ members: [OrderedJSON.Member]) -> [OrderedJSON]? {
    guard case .array(let items)? = members.first(where: { $0.key == "rows" })?.value else {
      return nil
    }
    let rows = items.compactMap { $0["row"] }
    return !rows.isEmpty && rows.count == items.count ? rows : nil
  }

  /// Rows from a list per column: `{"question": ["…", …], "answer": ["A", …]}`
  private static func listed(_ members: [OrderedJSON.Member]) -> [OrderedJSON]? {
    let columns = members.compactMap { member -> (String, [OrderedJSON])? in
      if case .array(let items) = member.value { (member.key, items) } else { nil }
    }
    guard columns.count == members.count, columns.count > 1, let count = columns.first?.1.count,
      count > 0, columns.allSatisfy({ $0.1.count == count })
    else { return nil }
    return (0..<count).map { row in
      .object(columns.map { OrderedJSON.Member($0.0, $0.1[row]) })
    }
  }

  /// Rows from an object of indices per column:
  /// `{"question": {"0": "…", "1": "…"}, "answer": {"0": "A", …}}`
  private static func placed(_ members: [OrderedJSON.Member]) -> [OrderedJSON]? {
    let columns = members.compactMap { member -> (String, [OrderedJSON.Member])? in
      if case .object(let cells) = member.value { (member.key, cells) } else { nil }
    }
    guard columns.count == members.count, columns.count > 1, let first = columns.first?.1,
      !first.isEmpty, first.allSatisfy({ Int($0.key) != nil }),
      columns.allSatisfy({ $0.1.map(\.key) == first.map(\.key) })
    else { return nil }
    return first.indices.map { row in
      .object(columns.map { OrderedJSON.Member($0.0, $0.1[row].value) })
    }
  }

  /// Rows from a list next to metadata: `{"version": 1, "data": [{…}, …]}`; nil if the object is an
  /// entry itself.
  private static func besideOthers(_ members: [OrderedJSON.Member]) -> [OrderedJSON]? {
    let lists = members.compactMap { member -> [OrderedJSON]? in
      guard case .array(let items) = member.value, !items.isEmpty,
        items.allSatisfy({ if case .object = $0 { true } else { false } })
      else { return nil }
      return items
    }
    guard lists.count == 1, let whole = TaskRecord(place: 1, .object(members)),
      !TaskLayout.published.contains(where: { $0.recognises(whole) })
    else { return nil }
    return lists[0]
  }
}
