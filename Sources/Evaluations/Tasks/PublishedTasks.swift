import Foundation

/// The questions of a published benchmark file, as tasks.
struct PublishedTasks {
  /// Name of the benchmark whose layout the file has.
  let layout: String
  let tasks: [TaskFile.Task]

  /// Parses a benchmark file; nil if the file has no known layout.
  /// - Parameters:
  ///   - path: path of the file.
  ///   - root: folder of the clips; default: the folder of the file.
  /// - Throws: `.badTask` with the line or entry.
  init?(_ text: String, path: String, root: String?) throws(EvaluationError) {
    let file = URL(filePath: path)
    let directory =
      root.map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? file.deletingLastPathComponent()
    let records: TaskRecords
    do throws(TaskRecords.Problem) {
      records = try TaskRecords(text, isTable: file.pathExtension.lowercased() == "tsv")
    } catch .parquet {
      throw .badTask(
        file: path, line: 1, reason: "a Parquet file: convert it to JSON Lines")
    } catch .notEntries(let place, let unit) where place > 1 {
      throw .badTask(file: path, line: place, reason: "this \(unit) is not a JSON object")
    } catch {
      return nil
    }
    guard let first = records.records.first,
      let layout = TaskLayout.published.first(where: { $0.recognises(first) })
    else { return nil }
    let questions = try Self.questions(records.records, layout, path)
    var tasks: [TaskFile.Task] = []
    var counts: [String: Int] = [:]
    var ids: Set<String> = []
    for (place, question) in zip(questions.map(\.place), AnswerIndices.lettered(questions.map(\.0)))
    {
      do {
        let task = try TaskFile.Task(question, in: directory, &counts)
        guard ids.insert(task.id).inserted else { throw TaskProblem.twice(task.id) }
        tasks.append(task)
      } catch {
        throw .badTask(file: path, line: place, reason: TaskProblem.words(error))
      }
    }
    self.layout = layout.name
    self.tasks = tasks
  }

  /// The questions of all entries, each with its line or entry number.
  private static func questions(
    _ records: [TaskRecord], _ layout: TaskLayout, _ path: String
  ) throws(EvaluationError) -> [(TaskLayout.Question, place: Int)] {
    var questions: [(TaskLayout.Question, place: Int)] = []
    for record in records {
      do throws(TaskLayoutProblem) {
        guard layout.recognises(record) else { throw .otherLayout(layout.name) }
        questions += try layout.questions(record).map { ($0, place: record.place) }
      } catch {
        throw .badTask(file: path, line: record.place, reason: TaskProblem.words(error))
      }
    }
    return questions
  }
}

extension TaskFile.Task {
  /// A task from a published question.
  /// - Parameter counts: number of questions of each clip so far, to number questions without ids.
  fileprivate init(
    _ question: TaskLayout.Question, in directory: URL, _ counts: inout [String: Int]
  ) throws {
    let places = question.media.map { URL(filePath: $0, relativeTo: directory).path }
    let media = places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0]
    let name = question.media[0]
    counts[name, default: 0] += 1
    let clip = name.split(separator: "/").last.map(String.init) ?? name
    try self.init(
      id: question.id ?? "\(clip)#\(counts[name] ?? 1)", media: media,
      question: question.question, written: question.choices, answer: question.answer,
      kind: question.kind ?? "task")
    reading = question.reading
    documentHash = question.document.map(TaskFile.hash)
  }
}
