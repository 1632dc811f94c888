// The pages of the book as a browser shows them.

import Foundation
import TestSupport
import Testing

@testable import Notebook

private let browser = ["chromium", "chromium-browser", "google-chrome"].compactMap(tool).first

@Suite struct BookPagesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// What a page in a frame of a phone's width says of itself.
  private struct Report: Decodable {
    let page, title: String
    /// The width of what is on the page, and of the part of the frame that it may fill.
    let width, room: Int
    let errors, pictures, anchors: [String]
  }

  @Test(
    .enabled(
      if: tool("pandoc") != nil && browser != nil,
      "apt-get install pandoc chromium, and the pages of the book are opened"))
  func `every page opens without errors, dead links or parts that a phone cuts off`() throws {
    let folder = try TemporaryFolder()
    let pages = try Book(root: Self.root).write(to: folder.path)
    #expect(pages.count > 12)
    let html = try pages.map { try String(contentsOfFile: $0, encoding: .utf8) }
    for (page, html) in zip(pages, html) { try checkLinks(page, html, in: folder.path) }

    let reports = try open(pages, html, in: folder)
    #expect(reports.map(\.page).sorted() == pages.map(name).sorted())
    for report in reports {
      #expect(!report.title.isEmpty, "\(report)")
      #expect(
        report.errors.isEmpty && report.pictures.isEmpty && report.anchors.isEmpty, "\(report)")
      #expect(report.width <= report.room, "\(report)")
    }
  }

  private func name(_ path: String) -> String { (path as NSString).lastPathComponent }

  /// Links to other pages and files must lead somewhere, those to sections of other pages too.
  private func checkLinks(_ page: String, _ html: String, in folder: String) throws {
    for link in html.matches(of: #/<a [^>]*href="([^"#:]+)(?:#([^"]*))?"/#) {
      let path = "\(folder)/\(String(link.1).removingPercentEncoding ?? "")"
      #expect(
        FileManager.default.fileExists(atPath: path), "\(name(page)) links to \(link.1)")
      guard let section = link.2?.removingPercentEncoding, path.hasSuffix(".html") else { continue }
      let target = try String(contentsOfFile: path, encoding: .utf8)
      #expect(target.contains("id=\"\(section)\""), "\(name(page)) links to \(link.1)#\(section)")
    }
  }

  /// Opens copies of pages that report to the page around them, each in a frame 390 pixels wide.
  private func open(_ pages: [String], _ html: [String], in folder: TemporaryFolder) throws
    -> [Report]
  {
    for (page, html) in zip(pages, html) {
      let probe = Self.probe.replacing("PAGE", with: name(page))
      try html.replacing("<head>", with: "<head>\(probe)", maxReplacements: 1)
        .write(toFile: folder.file("probed-\(name(page))"), atomically: true, encoding: .utf8)
    }
    let frames = pages.map {
      "<iframe src=\"probed-\(name($0))\" style=\"width:390px;height:800px;border:0\"></iframe>"
    }
    let outer = folder.file("frames.html")
    try "<!DOCTYPE html><meta charset=\"utf-8\">\(Self.listener)\(frames.joined())"
      .write(toFile: outer, atomically: true, encoding: .utf8)
    let run = try ProgramRun(
      sh: "exec \"$@\"",
      [
        browser ?? "", "--headless", "--no-sandbox", "--disable-gpu",
        "--user-data-dir=\(folder.file("profile"))", "--virtual-time-budget=60000", "--dump-dom",
        "file://\(outer)",
      ], limit: 120)
    try #require(run.status == 0, "\(run.complaint)")
    return try run.output.matches(of: #/<p>(\{.*?\})<\/p>/#).map { match in
      let text = String(match.1).replacing("&amp;", with: "&").replacing("&lt;", with: "<")
        .replacing("&gt;", with: ">")
      return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
    }
  }

  private static let probe = """
    <script>
    const errors = [];
    addEventListener("error", e => errors.push(e.message || "cannot load " + e.target.src), true);
    console.error = (...words) => errors.push(words.join(" "));
    addEventListener("load", () => parent.postMessage(JSON.stringify({
      page: "PAGE", title: document.title, errors,
      width: document.documentElement.scrollWidth, room: document.documentElement.clientWidth,
      pictures: [...document.images].filter(i => i.naturalWidth == 0).map(i => i.alt),
      anchors: [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute("href"))
        .filter(h => h != "#" && !document.getElementById(decodeURIComponent(h.slice(1)))),
    }), "*"));
    </script>
    """

  private static let listener = """
    <script>
    addEventListener("message", e => {
      const line = document.createElement("p");
      line.textContent = e.data;
      document.body.append(line);
    });
    </script>
    """
}
