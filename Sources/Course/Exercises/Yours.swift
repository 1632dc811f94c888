import CourseKit

/// Your answers, as the graders see them. There is nothing to do here: write in the files
/// `Chapter1.swift` … `Chapter5.swift`.
public let yours = Implementation(
  name: "yours", chapter1: YourChapter1.self, chapter2: YourChapter2.self,
  chapter3: YourChapter3.self, chapter4: YourChapter4.self, chapter5: YourChapter5.self)
