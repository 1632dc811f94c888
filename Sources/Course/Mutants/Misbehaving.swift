import CourseKit
import Solutions
import TensorCore

/// Code that is worse than wrong: exercise 1.1 stops the program, 1.2 never ends.
///
/// `course grade` must survive both.
public let misbehaving = Implementation(
  name: "misbehaving", chapter1: Misbehaving.self, chapter2: Reference2.self,
  chapter3: Reference3.self, chapter4: Reference4.self, chapter5: Reference5.self)

private enum Misbehaving: Mutant1 {
  static let note = Note("1.1", caughtBy: "", "")

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let sizes = images.shape
    return images.reshaped([sizes[sizes.count], patch])
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    var random = Random(seed: 1)
    while random.uniform() < 1 {}
    return patches
  }
}
