/// Right answers that a benchmark publishes as indices of choices.
enum AnswerIndices {
  /// Converts right answers from indices to letters, if all answers of the file are indices and it
  /// is clear whether they count from 0 or from 1; otherwise returns the questions unchanged.
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
    // Indices count from 0 if one is 0, and from 1 if one is the number of choices; else both are
    // possible.
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
