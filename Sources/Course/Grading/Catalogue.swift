import CourseKit
import Foundation

/// All exercises, and the answers that learners' answers are held against.
public enum Catalogue {
  /// In the order of the course.
  public static let exercises = chapter1 + chapter2 + chapter3 + chapter4 + chapter5

  /// The exercise "1.2", if there is one.
  public static func exercise(_ id: String) -> Exercise? { exercises.first { $0.id == id } }

  /// The answers for the public seed, which come along as files.
  ///
  /// Throws an error if one of the files is missing or damaged.
  public static func key() throws -> AnswerKey {
    try AnswerKey(files: (1...5).map(keyURL))
  }

  /// The same for one chapter.
  public static func key(chapter: Int) throws -> AnswerKey {
    try AnswerKey(files: [keyURL(chapter)])
  }

  private static func keyURL(_ chapter: Int) -> URL {
    Bundle.module.bundleURL.appending(path: keyFile(chapter))
  }

  /// Where the answers of a chapter lie, from the folder of the module on.
  public static func keyFile(_ chapter: Int) -> String { "Resources/chapter\(chapter).json" }
}
