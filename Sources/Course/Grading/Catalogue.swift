import CourseKit
import Files
import Foundation

/// All exercises, and the answer key.
public enum Catalogue {
  /// All exercises in the order of the course.
  public static let exercises = chapter1 + chapter2 + chapter3 + chapter4 + chapter5 + chapter6

  /// The exercise "1.2", if there is one.
  public static func exercise(_ id: String) -> Exercise? { exercises.first { $0.id == id } }

  /// The answers for the public seed, which are bundled as files.
  ///
  /// Throws a `FileError` if a file is missing, a `DecodingError` if it is damaged.
  public static func key() throws -> AnswerKey {
    try AnswerKey(files: Exercise.chapterNumbers.map(keyURL))
  }

  /// The same for one chapter. Throws as `key()` does.
  public static func key(chapter: Int) throws -> AnswerKey {
    try AnswerKey(files: [keyURL(chapter)])
  }

  private static func keyURL(_ chapter: Int) throws(FileError) -> URL {
    URL(filePath: try bundledFile(keyFile(chapter), of: "Grading"))
  }

  /// The learner's file of a chapter as it is handed out. Throws a `FileError` if it is missing.
  public static func stub(_ chapter: Int) throws(FileError) -> URL {
    URL(filePath: try bundledFile(stubFile(chapter), of: "Grading"))
  }

  /// The path of that file, from the folder of the module. It is not called .swift, so that nothing
  /// compiles it.
  public static func stubFile(_ chapter: Int) -> String { "Resources/Chapter\(chapter).stub" }

  /// The path of a chapter's answers, from the folder of the module.
  public static func keyFile(_ chapter: Int) -> String { "Resources/chapter\(chapter).json" }
}
