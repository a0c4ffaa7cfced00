import Basics

/// A file layout of a published benchmark, recognised by its keys.
///
/// A new layout is a value added to `published`.
struct TaskLayout: Sendable {
  /// Name of the benchmark.
  let name: String
  /// Returns whether an entry of the file has this layout.
  let recognises: @Sendable (TaskRecord) -> Bool
  /// Reads the questions of an entry.
  let questions: @Sendable (TaskRecord) throws(TaskLayoutProblem) -> [Question]

  /// A question as the benchmark publishes it.
  struct Question: Sendable, Equatable {
    /// Id of the question; nil if the file has none.
    var id: String?
    /// Possible paths of the clip below the media folder, most likely first.
    var media: [String]
    var question: String
    var choices: [String]
    /// The right answer: a letter or the text of a choice; nil if not published.
    var answer: String?
    var kind: String?
    /// How the letter of a choice is extracted from an answer.
    var reading = TaskFile.Task.Reading.letters
    /// The entry of the file that contains the question.
    var document: OrderedJSON?
  }

  /// All known layouts, more specific ones first.
  static let published: [TaskLayout] = [
    dailyOmni, perVideo, numberedTasks, avut, videoMME, lvOmniBench, omniVideoBench, worldSense,
    plain, vlmEvalKit,
  ]
}

/// Errors of an entry of a benchmark file.
enum TaskLayoutProblem: Error, Equatable {
  case missing(String)
  /// The layout of the entry differs from that of earlier entries.
  case otherLayout(String)
}

extension TaskRecord {
  func needed(_ keys: String...) throws(TaskLayoutProblem) -> String {
    for key in keys { if let text = fields[key]?.text { return text } }
    throw .missing(keys[0])
  }

  fileprivate func neededChoices(_ keys: String...) throws(TaskLayoutProblem) -> [String] {
    for key in keys { if let choices = list(key), !choices.isEmpty { return choices } }
    throw .missing(keys[0])
  }
}

extension TaskLayout {
  /// Layout of Daily-Omni, `qa.json`: `Question`, `Choice`, `Answer`, `video_id`.
  private static let dailyOmni = TaskLayout(
    name: "Daily-Omni", recognises: { $0.has("Question", "Choice", "video_id") },
    questions: { (entry) throws(TaskLayoutProblem) in
      let id = try entry.needed("video_id")
      let file = "\(id)/\(id)_video.mp4"
      return [
        Question(
          media: [file, "Videos/\(file)", "videos/\(file)", "\(id)_video.mp4", "\(id).mp4"],
          question: try entry.needed("Question"), choices: try entry.neededChoices("Choice"),
          answer: entry.text("Answer"), kind: entry.text("Type", "qa_type"),
          document: entry.document)
      ]
    })

  /// Layout of WorldSense and OmniVideoBench with one entry per video and a list `questions`.
  private static let perVideo = TaskLayout(
    name: "WorldSense or OmniVideoBench", recognises: { $0.records("questions")?.isEmpty == false },
    questions: { (entry) throws(TaskLayoutProblem) in
      let media = try Self.videos(entry)
      var questions: [Question] = []
      for part in entry.records("questions") ?? [] {
        var question = try Self.choice(part, media: media)
        if !part.has("correct_option") { question.reading = .worldSense }
        questions.append(question)
      }
      return questions
    })

  /// Layout of WorldSense, `worldsense_qa.json`: an object of videos, each with `task0`, `task1` …
  private static let numberedTasks = TaskLayout(
    name: "WorldSense", recognises: { $0.has("task0") || $0.has("task1") },
    questions: { (entry) throws(TaskLayoutProblem) in
      let media = try Self.videos(entry)
      let names = entry.fields.keys.filter {
        $0.hasPrefix("task") && Int($0.dropFirst(4)) != nil
      }.sorted { (Int($0.dropFirst(4)) ?? 0) < (Int($1.dropFirst(4)) ?? 0) }
      var questions: [Question] = []
      for name in names {
        guard let part = entry.record(name) else { continue }
        var question = try Self.choice(part, media: media)
        question.reading = .worldSense
        questions.append(question)
      }
      return questions
    })

  /// Layout of AVUT: `option_A` … `option_D`, `answer`, `video_path`.
  private static let avut = TaskLayout(
    name: "AVUT", recognises: { $0.has("question", "option_A") },
    questions: { (entry) throws(TaskLayoutProblem) in
      var letters = TaskFile.Task.letters.prefix { entry.fields["option_\($0)"]?.text != nil }
      // Blank choices at the end are removed, unless one of them is the right answer.
      while let last = letters.last, entry.text("option_\(last)")?.isBlank == true,
        entry.text("answer") != String(last)
      {
        letters = letters.dropLast()
      }
      var question = Question(
        media: try Self.videos(entry), question: try entry.needed("question"),
        choices: letters.compactMap { entry.text("option_\($0)") }, answer: entry.text("answer"),
        kind: entry.text("task_type"), document: entry.document)
      question.id = entry.text("QA_id", "id")
      return [question]
    })

  /// Layout of Video-MME: `videoID`, `question`, `options`, `answer`, `question_id`.
  private static let videoMME = TaskLayout(
    name: "Video-MME", recognises: { $0.has("videoID", "question", "options") },
    questions: { (entry) throws(TaskLayoutProblem) in
      let id = try entry.needed("videoID")
      let files = ["mp4", "MP4", "mkv", "webm"].map { "\(id).\($0)" }
      return [try Self.choice(entry, media: files.map { "data/\($0)" } + files)]
    })

  /// Layout of LVOmniBench, `data.json`: `video_id`, `options`, `correct_option`.
  private static let lvOmniBench = TaskLayout(
    name: "LVOmniBench",
    recognises: { $0.has("video_id", "question", "options", "correct_option") },
    questions: { (entry) throws(TaskLayoutProblem) in
      [try Self.choice(entry, media: try Self.videos(entry))]
    })

  /// Layout of OmniVideoBench with one entry per question: `video`, `options`, `correct_option`.
  private static let omniVideoBench = TaskLayout(
    name: "OmniVideoBench",
    recognises: { $0.has("video", "question", "options", "correct_option") },
    questions: { (entry) throws(TaskLayoutProblem) in
      [try Self.choice(entry, media: try Self.videos(entry))]
    })

  /// Layout of WorldSense with one entry per question: `candidates` (or `options`) and `answer`.
  private static let worldSense = TaskLayout(
    name: "WorldSense",
    recognises: {
      $0.has("question", "answer") && !$0.has("media")
        && ($0.has("candidates") || $0.has("options", "task_domain"))
    },
    questions: { (entry) throws(TaskLayoutProblem) in
      var question = try Self.choice(entry, media: try Self.videos(entry))
      question.reading = .worldSense
      return [question]
    })

  /// Layout of any other file with one entry per question: `question`, `options` and `answer`.
  private static let plain = TaskLayout(
    name: "question, options, answer",
    recognises: { $0.has("question", "answer", "options") && !$0.has("media") },
    questions: { (entry) throws(TaskLayoutProblem) in
      [try Self.choice(entry, media: try Self.videos(entry))]
    })

  /// Layout of VLMEvalKit: tab-separated `index`, `question`, `A` …, `answer`, `video`.
  private static let vlmEvalKit = TaskLayout(
    name: "VLMEvalKit", recognises: { $0.has("question", "A", "B") },
    questions: { (entry) throws(TaskLayoutProblem) in
      let letters = TaskFile.Task.letters.prefix { entry.fields[String($0)]?.text != nil }
      var question = Question(
        media: try Self.videos(entry), question: try entry.needed("question"),
        choices: letters.compactMap { entry.text(String($0)) }, answer: entry.text("answer"),
        kind: entry.text("category", "task_type", "l2-category"), document: entry.document)
      question.id = entry.text("index", "question_id", "id")
      return [question]
    })

  /// A question with choices, read from the keys that these benchmarks share.
  private static func choice(
    _ entry: TaskRecord, media: [String]
  ) throws(TaskLayoutProblem) -> Question {
    Question(
      id: entry.text("question_id", "QA_id", "index", "id"), media: media,
      question: try entry.needed("question"),
      choices: try entry.neededChoices("options", "candidates", "choices"),
      answer: entry.text("correct_option", "answer", "Answer"),
      kind: entry.text("task_type", "question_type", "qtype", "task_domain"),
      document: entry.document)
  }

  /// File name extensions of video and audio files.
  private static let extensions: Set<String> = [
    "mp4", "mkv", "webm", "avi", "mov", "m4v", "flv", "wmv", "ts", "mpg", "mpeg", "3gp", "gif",
    "wav", "mp3", "m4a", "flac", "ogg",
  ]

  /// Possible paths of an entry's video, most likely first.
  private static func videos(_ entry: TaskRecord) throws(TaskLayoutProblem) -> [String] {
    guard
      let name = entry.text("video_path", "video", "video_id", "video_name", TaskRecords.nameKey)
    else { throw .missing("video") }
    let base = name.split(separator: "/").last.map(String.init) ?? name
    let hasExtension = base.split(separator: ".").dropFirst().last.map {
      extensions.contains($0.lowercased())
    }
    let files = { (name: String) in
      hasExtension == true
        ? [name] : ["mp4", "MP4", "mkv", "webm", "avi", "mov"].map { "\(name).\($0)" } + [name]
    }
    return files(name)
      + ["videos", "video", "Videos", "data"].flatMap { files("\($0)/\(base)") } + files(base)
  }
}

extension String {
  fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
