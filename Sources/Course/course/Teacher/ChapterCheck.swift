import CourseKit
import Foundation
import Grading

/// Checks that each chapter names its exercises in the standard form, under the heading that the
/// exercise links to, and names no other exercises. Returns the problems in sentences.
func chapterProblems(_ root: URL) -> [String] {
  Exercise.chapterNumbers.flatMap { chapter -> [String] in
    let folder = root.appending(path: "chapters")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard let name = names.first(where: { $0.hasPrefix("\(chapter)-") && $0.hasSuffix(".md") }),
      let text = try? readText(folder.appending(path: name))
    else { return [] }
    let own = Catalogue.exercises.filter { $0.chapter == chapter }
    return own.flatMap { problems(of: $0, in: text, named: "chapters/\(name)") }
      + text.matches(of: #/\*\*Exercise (\d+\.\d+)\*\*/#).map { String($0.1) }
      .filter { Catalogue.exercise($0) == nil }
      .map { "chapters/\(name) names an exercise \($0) that does not exist" }
  }
}

private func problems(of exercise: Exercise, in text: String, named name: String) -> [String] {
  var heading = ""
  for line in text.lines {
    if line.hasPrefix("## ") { heading = slug(line.dropFirst(3)) }
    guard line == exercise.mention else { continue }
    if let section = exercise.section, section != heading {
      return ["\(exercise.id) links to \(name)#\(section), but is mentioned under #\(heading)"]
    }
    return exercise.reading.hasPrefix(name)
      ? [] : ["\(exercise.id) links to \(exercise.reading), but is mentioned in \(name)"]
  }
  return ["\(name) should have the line\n\(exercise.mention)"]
}

/// The anchor of a heading.
private func slug(_ heading: Substring) -> String {
  String(
    heading.lowercased().compactMap { character -> Character? in
      if character == " " { return "-" }
      return character.isLetter || character.isNumber || "-_".contains(character)
        ? character : nil
    })
}
