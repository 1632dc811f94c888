import Files
import Foundation

/// A text of the book as a self-contained page: no network, no other file. Below a figure stands its
/// live form, if it has one: the script `Live/NAME.js` beside the chapter's cells, which fills the
/// element `root`. The figure stays for print, and where there are no scripts.
struct Page {
  /// The text's Markdown.
  let markdown: String
  /// The chapter that the text is; nil for the pages around the chapters.
  let chapter: ChapterFiles?
  let title: String
  /// The environment in which pandoc is found and run.
  var environment = ProcessInfo.processInfo.environment

  /// The page of a chapter.
  init(_ chapter: ChapterFiles, title: String) {
    (markdown, self.chapter, self.title) = (chapter.markdown, chapter, title)
  }

  /// The page of another text.
  init(markdown: String, title: String) {
    (self.markdown, chapter, self.title) = (markdown, nil, title)
  }

  /// Writes the page to `path`. A page with the name of the text, `1-vit.html`, belongs to a
  /// book: its links lead to the pages of the other texts beside it.
  ///
  /// Throws a `NotebookError` or `FileError` if the text cannot be read, pandoc fails or the page
  /// cannot be written.
  func write(to path: String) throws {
    let place = PagePlace(markdown, page: path)
    let html = embedPictures(in: try pandoc(try text(place), place))
    try Notebook.write(Array(try embedScripts(in: html).utf8), to: path)
  }

  /// The text without markers, with figures as HTML and links relative to the page.
  private func text(_ place: PagePlace) throws -> String {
    guard let files = chapter else {
      let file = (markdown as NSString).lastPathComponent
      return text(
        try ChapterText(try readText(markdown), file: file), place, source: { _ in nil },
        figure: { ($0, "", "") })
    }
    let record = try ChapterRecord(path: files.record)
    let anchors = try Anchors(folder: files.sources)
    let text = try files.text().refreshed(files, anchors, record)
    return self.text(text, place, source: { anchors.file(of: $0).map(files.relative) }) { name in
      let figure = record.figure(name)
      let link = files.link(toFigure: figure?.file ?? "")
      return (link, figure?.caption ?? "", live(name, of: files))
    }
  }

  /// The place of a figure's live form; nothing if it has none.
  private func live(_ name: String, of files: ChapterFiles) -> String {
    fileNames(in: files.live).contains("\(name).js")
      ? "\n<div class=\"live\" id=\"live-\(name)\"></div>\n" : ""
  }

  /// Puts the script of each live form after its place. (Pandoc would change scripts that hold tags.)
  private func embedScripts(in html: String) throws -> String {
    guard let folder = chapter?.live else { return html }
    var needsModels = false
    let page = try html.replacing(#/<div class="live" id="live-([^"]+)">\s*<\/div>/#) { match in
      let text = try readText("\(folder)/\(match.1).js")
      needsModels = needsModels || text.contains(LiveKit.call)
      return "\(match.0)\n<script>\n((root) => {\n\(text)"
        + "})(document.getElementById(\"live-\(match.1)\"));\n</script>"
    }
    return needsModels
      ? page.replacing("</head>", with: "\(LiveKit.script)\n</head>", maxReplacements: 1) : page
  }

  private func text(
    _ text: ChapterText, _ place: PagePlace, source: (_ cell: String) -> String?,
    figure: (_ name: String) -> (link: String, caption: String, live: String)
  ) -> String {
    text.pieces.map { _, piece in
      switch piece {
      case .prose(let line, isCode: true): return line
      case .prose(let line, isCode: false):
        let plain = line.replacing(ChapterText.value) { String($0.2) }
        return plain.replacing(#/(!?)\[([^\]]*)\]\(([^)\s]+)\)/#) { match in
          // Pictures are embedded later, so their paths stay relative to the chapter.
          let target = match.1.isEmpty ? place.link(String(match.3)) : String(match.3)
          return "\(match.1)[\(match.2)](\(target))"
        }
      case .cell(let name, let code): return listing(code, from: source(name))
      case .excerpt(let excerpt, let code): return listing(code, from: excerpt.file)
      case .output(_, let text): return "\n```output\n\(text ?? "")\n```\n"
      case .figure(let name, let alt, _):
        let (link, caption, live) = figure(name)
        return "\n<figure>\n<img src=\"\(link)\" alt=\"\(escaped(alt))\">\n"
          + (caption.isEmpty ? "" : figureCaption(caption)) + "</figure>\n" + live
      }
    }.joined(separator: "\n")
  }

  /// Code, below the name of the file that it is from.
  private func listing(_ code: String?, from file: String?) -> String {
    (file.map { "\n<p class=\"file\">\(escaped($0))</p>\n" } ?? "")
      + "\n```swift\n\(code ?? "")\n```\n"
  }

  /// Blank lines around the caption make pandoc read it as Markdown.
  private func figureCaption(_ caption: String) -> String {
    "<figcaption>\n\n\(caption)\n\n</figcaption>\n"
  }

  private func pandoc(_ markdown: String, _ place: PagePlace) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in [("chapter.md", markdown), ("template.html", PageTemplate.html)] {
      try Notebook.write(Array(text.utf8), to: "\(folder)/\(name)")
    }
    let arguments =
      [
        "pandoc", "\(folder)/chapter.md", "--from=gfm+tex_math_dollars", "--to=html5", "--mathml",
        "--standalone", "--template=\(folder)/template.html", "--toc", "--toc-depth=2",
        "--metadata=title:\(title)", "--metadata=pagetitle:\(title)",
        "--output=\(folder)/page.html",
      ] + (place.contents.map { ["--variable=contents:\($0)"] } ?? [])
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = environment
    let complaints = Pipe()
    process.standardError = complaints
    do { try process.run() } catch {
      throw NotebookError("pandoc cannot be started (\(error.localizedDescription))")
    }
    let complaint = String(
      decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 127 {
      throw NotebookError(
        "pages are made by pandoc, which is missing; install it with `apt-get install pandoc`")
    }
    guard process.terminationStatus == 0 else {
      throw NotebookError("pandoc could not make the page: \(complaint)")
    }
    return try readText("\(folder)/page.html")
  }

  /// Embeds the pictures that the page links to. One that cannot be read stays a link.
  private func embedPictures(in html: String) -> String {
    let folder = (markdown as NSString).deletingLastPathComponent
    let kinds = ["png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg"]
    return html.replacing(#/(<img\b[^>]*?\bsrc=")([^":]+)"/#) { match in
      let file = String(match.2)
      guard let kind = kinds[(file as NSString).pathExtension.lowercased()],
        let bytes = try? readFile("\(folder)/\(file)", limit: 50_000_000)
      else { return String(match.0) }
      return "\(match.1)data:\(kind);base64,\(Data(bytes).base64EncodedString())\""
    }
  }
}

/// The place of a page, and the links from there to the rest of the project.
struct PagePlace {
  /// The page with the contents of the book, for all other pages of one.
  let contents: String?
  private let isInBook: Bool
  private let folder: String
  private let chapters: String

  init(_ markdown: String, page path: String) {
    chapters = (markdown as NSString).deletingLastPathComponent
    folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
    let page = (path as NSString).lastPathComponent
    isInBook = page == Self.page(of: (markdown as NSString).lastPathComponent)
    contents = isInBook && page != Self.index ? Self.index : nil
  }

  private static let index = "index.html"

  /// The name of a text's page in a book.
  static func page(of text: String) -> String {
    text == "README.md" ? index : "\((text as NSString).deletingPathExtension).html"
  }

  /// A link of the chapter as a link of the page.
  func link(_ target: String) -> String {
    if target.hasPrefix("#") || target.contains(#/^([a-z]+:|\/\/)/#) { return target }
    if isInBook, let match = target.wholeMatch(of: #/([^\/#]+\.md)(#.*)?/#) {
      return "\(Self.page(of: String(match.1)))\(match.2 ?? "")"
    }
    // Up from the page's folder to the common ancestor, and down again.
    let to = URL(filePath: "\(chapters)/\(target)").standardizedFileURL.path
      .split(separator: "/", omittingEmptySubsequences: true)
    let from = folder.split(separator: "/", omittingEmptySubsequences: true)
    let shared = zip(from, to).prefix { $0 == $1 }.count
    let up = Array(repeating: Substring(".."), count: from.count - shared)
    return (up + to[shared...]).joined(separator: "/")
  }
}
