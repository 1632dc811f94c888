extension ChapterCommand {
  func writePage(_ files: ChapterFiles, to path: String) throws {}
}
