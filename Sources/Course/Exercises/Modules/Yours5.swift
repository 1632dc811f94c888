import CourseKit

/// Your answers to the exercises of chapter 5.
public let chapter5: any Chapter5Exercises.Type = YourChapter5.self
