/// A problem with the files of a chapter. `description` is one sentence for the user.
public struct NotebookError: Error, Equatable, CustomStringConvertible {
  /// The file, what is wrong with it, what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
