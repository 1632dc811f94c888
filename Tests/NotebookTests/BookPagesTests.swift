// The pages of the book as a browser shows them.

import Foundation
import TestSupport
import Testing

@testable import Notebook

@Suite struct BookPagesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private struct Report: Decodable {
    let title: String
    /// Of what is on the page.
    let width: Int
    /// Pictures that were not loaded, and links into the page that lead nowhere.
    let pictures, anchors: [String]
  }

  @Test(
    .enabled(
      if: tool("pandoc") != nil && Browser.program != nil,
      "apt-get install pandoc chromium, and the pages of the book are opened"))
  func `every page opens without errors, dead links or parts that a phone cuts off`() throws {
    let folder = try TemporaryFolder()
    let pages = try Book(root: Self.root).write(to: folder.path)
    #expect(pages.count > 12)
    let html = try pages.map { try String(contentsOfFile: $0, encoding: .utf8) }
    for (page, html) in zip(pages, html) { try checkLinks(page, html, in: folder.path) }

    for page in pages {
      let browser = try Browser(opening: page, width: 390)
      try browser.wait(until: "document.readyState === 'complete'")
      let report: Report = try browser.value(of: Self.report)
      #expect(!report.title.isEmpty, "\(name(page))")
      #expect(report.pictures.isEmpty && report.anchors.isEmpty, "\(name(page)): \(report)")
      #expect(report.width <= 390, "\(name(page)): \(report)")
      #expect(browser.errors.isEmpty, "\(name(page)): \(browser.errors)")
    }
  }

  /// What each live figure with a model says first, which it cannot without the model's answer.
  private static let findings = [
    "1-vit.html": "Head 2 of layer 6: the class token takes",
    "2-clip.html": "The winning captions are 1 for picture 1,",
    "3-dvae.html": "Row 4, column 8 has code",
    "4-sparse-attention.html": "Row 0, column 0: the likeliest code has",
    "5-reranking.html": "its cosine with the caption is 0.",
  ]
  private static let models = "\(root)/build/book/live"

  @Test(
    .enabled(
      if: tool("pandoc") != nil && Browser.program != nil
        && FileManager.default.fileExists(atPath: models),
      "`make page`, pandoc and Chromium, and live figures are started"))
  func `live figures with models start, say what they show, and fit a phone`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("live"), withDestinationPath: Self.models)
    let pages = try Book(root: Self.root).write(to: folder.path).filter {
      try String(contentsOfFile: $0, encoding: .utf8).contains(LiveKit.call + "root")
    }
    #expect(Set(pages.map(name)) == Set(Self.findings.keys))
    for page in pages {
      let browser = try Browser(opening: page, width: 390)
      try browser.wait(until: "document.readyState === 'complete'")
      let started = "document.querySelector('.live[data-state]')"
      _ = try browser.value(
        Bool.self,
        of: """
          ([...document.querySelectorAll('.live button')].find(b => b.textContent === 'Start')
            .click(), true)
          """)
      let alert = "document.querySelector('.live [role=alert]')?.textContent"
      try browser.wait(until: "\(started) || \(alert)")
      // Chapter 5's figure draws when it is told to.
      _ = try browser.value(
        Bool.self, of: "(\(started)?.querySelector('form')?.requestSubmit(), true)")
      let finding = try #require(Self.findings[name(page)])
      try browser.wait(until: "\(started)?.innerText.includes('\(finding)')")
      #expect(try browser.value(String.self, of: "\(alert) ?? ''").isEmpty, "\(name(page))")
      let report: Report = try browser.value(of: Self.report)
      #expect(report.width <= 390, "\(name(page)): \(report)")
      #expect(browser.errors.isEmpty, "\(name(page)): \(browser.errors)")
    }
  }

  @Test(
    .enabled(
      if: tool("pandoc") != nil && Browser.program != nil,
      "apt-get install pandoc chromium, and the pages of the book are opened"))
  func `a live figure without models says which command makes them`() throws {
    let folder = try TemporaryFolder()
    let pages = try Book(root: Self.root).write(to: folder.path)
    let page = try #require(pages.first { name($0) == "2-clip.html" })
    let browser = try Browser(opening: page)
    try browser.wait(until: "document.readyState === 'complete'")
    _ = try browser.value(
      Bool.self, of: "(document.querySelector('.live button').click(), true)")
    try browser.wait(until: "document.querySelector('.live [role=alert]')")
    #expect(
      try browser.value(String.self, of: "document.querySelector('.live [role=alert]').textContent")
        .contains("`make page`"))
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

  /// What a page says of itself.
  private static let report = """
    ({
      title: document.title, width: document.documentElement.scrollWidth,
      pictures: [...document.images].filter(i => i.naturalWidth == 0).map(i => i.alt),
      anchors: [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute("href"))
        .filter(h => h != "#" && !document.getElementById(decodeURIComponent(h.slice(1)))),
    })
    """
}
