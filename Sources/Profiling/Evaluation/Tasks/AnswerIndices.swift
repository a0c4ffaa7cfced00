/// Right answers that are published as places in the list of choices.
enum AnswerIndices {
  /// The questions with letters for such answers, where all of the file are places and it is clear
  /// whether they count from 0 or from 1; else as they are.
  static func lettered(_ questions: [TaskLayout.Question]) -> [TaskLayout.Question] {
    var places: [Int] = []
    for question in questions {
      guard let answer = question.answer else { continue }
      guard let place = Int(answer), 0...question.choices.count ~= place,
        !question.choices.contains(answer)
      else { return questions }
      places.append(place)
    }
    let last = zip(questions.filter { $0.answer != nil }, places).contains {
      $0.choices.count == $1
    }
    // Without a 0 and without a last one both are possible.
    guard !places.isEmpty, places.contains(0) != last else { return questions }
    let letters = Array(TaskFile.Task.letters)
    return questions.map { question in
      var question = question
      let place = question.answer.flatMap { Int($0) }.map { last ? $0 - 1 : $0 }
      if let place, letters.indices.contains(place) { question.answer = String(letters[place]) }
      return question
    }
  }
}
