extension ChapterText {
  /// Fills in the code, the outputs, the figures and the numbers. Prose stays as it is.
  ///
  /// Throws one `NotebookError` that lists every name without code, output, figure or value.
  func refreshed(_ files: ChapterFiles, _ anchors: Anchors, _ record: ChapterRecord)
    throws(NotebookError) -> ChapterText
  {
    var result = self
    var missing: [String] = []
    func miss(_ line: Int, _ what: String) {
      missing.append("\(files.relative(files.markdown)):\(line): there is no \(what)")
    }
    for (i, (line, piece)) in pieces.enumerated() {
      switch piece {
      case .prose(let text, isCode: false):
        let filled = text.replacing(Self.value) { match in
          let value = record.value(String(match.1))
          if value == nil { miss(line, "value \(match.1) in the record") }
          return "<!-- value: \(match.1) -->\(value ?? "")<!-- /value -->"
        }
        result.pieces[i].piece = .prose(filled, isCode: false)
      case .prose: break
      case .cell(let name, _):
        if anchors[name] == nil { miss(line, "anchor \(name) in \(files.relative(files.sources))") }
        result.pieces[i].piece = .cell(name, code: anchors[name])
      case .excerpt(let excerpt, _):
        do {
          result.pieces[i].piece = .excerpt(excerpt, code: try excerpt.code(root: files.root))
        } catch {
          missing.append("\(files.relative(files.markdown)):\(line): \(error)")
        }
      case .output(let name, _):
        if record[name] == nil { miss(line, "cell \(name) in the record") }
        result.pieces[i].piece = .output(name, text: record[name]?.text)
      case .figure(let name, let alt, _):
        let figure = record.figure(name)
        if figure == nil { miss(line, "figure \(name) in the record") }
        result.pieces[i].piece = .figure(
          name, alt: alt, image: figure.map { files.imageLine($0, alt: alt) })
      }
    }
    if !missing.isEmpty { throw NotebookError(missing.joined(separator: "; ")) }
    return result
  }
}

extension ChapterFiles {
  /// Updates the Markdown from the code and the record. Returns whether it changed.
  ///
  /// Throws a `NotebookError` if a marker names something that does not exist.
  func refreshMarkdown(_ record: ChapterRecord) throws -> Bool {
    let old = try text()
    let new = try old.refreshed(self, Anchors(folder: sources), record).text
    if new == old.text { return false }
    try write(Array(new.utf8), to: markdown)
    return true
  }
}
