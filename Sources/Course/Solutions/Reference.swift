import CourseKit

/// The reference answers, which earn full marks.
public let reference = Implementation(
  name: "reference", chapter1: Reference1.self, chapter2: Reference2.self,
  chapter3: Reference3.self, chapter4: Reference4.self, chapter5: Reference5.self,
  chapter6: Reference6.self)
