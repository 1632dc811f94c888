// The playground as a browser runs it: `make page` builds it.

import CLIP
import DALLE
import Foundation
import Images
import NeuralNetwork
import Pretrained
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Text
import TextToImage
import VisionTransformer

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
private let page = root.appending(path: "build/book/dalle.html").path
private let canRun = Browser.program != nil && FileManager.default.fileExists(atPath: page)
private let isLong = ProcessInfo.processInfo.environment["LIVE"] != nil

@Suite(
  .serialized,
  .enabled(if: canRun, "`make page`, and Chromium, and the page is opened"))
struct PageTests {
  private struct Caption: Decodable {
    let error, notice: String?
    let tokens: [String]
    let unknown: [Unknown]
    struct Unknown: Decodable {
      let word: String
      let nearest: [String]
    }
  }

  private struct Choice: Decodable {
    let code: Int32
    let probability: Double
    let kept: Bool
  }

  private struct Attention: Decodable {
    let start: Double
    let words, picture: [Double]
  }

  /// The page, when it has drawn its first picture.
  private func opened(width: Int = 1280) throws -> Browser {
    let browser = try Browser(opening: page, width: width)
    try browser.wait(until: "window.playground && document.readyState === 'complete'")
    _ = try browser.value(Bool.self, of: "playground.ready.then(() => true)")
    try browser.wait(until: "!playground.state().drawing && playground.state().pictures.length")
    return browser
  }

  /// Codes that the page draws for a caption.
  private func drawn(
    _ browser: Browser, _ caption: String, seed: Int, _ options: String, candidates: Int = 1,
    given: [Int32] = []
  ) throws -> [[Int32]] {
    let text = String(decoding: try JSONEncoder().encode(caption), as: UTF8.self)
    return try browser.value(
      of: """
        playground.engine.draw({caption: \(text), seed: \(seed), candidates: \(candidates),
          given: \(given), \(options)}, () => {})
          .then(({pictures}) => pictures.sort((a, b) => a.candidate - b.candidate)
            .map(({codes}) => [...codes]))
        """, limit: 120)
  }

  @Test func `the page draws the tokens that the program draws`() throws {
    let dalle = try Pretrained.dalle()
    let browser = try opened()
    let count = isLong ? 100 : 8
    var different = 0
    for number in 0..<count {
      let split = StickerWorld.Split.allCases[number % StickerWorld.Split.allCases.count]
      let caption = StickerWorld.sample(split, seed: 9, index: number).caption
      let isGreedy = number % 2 == 0
      let options =
        isGreedy
        ? SamplingOptions(temperature: 0, guidance: 2)
        : SamplingOptions(temperature: 0.7, topP: 0.95, guidance: 2)
      let expected = try dalle.draw(caption, count: 1, seed: UInt64(number), options).codes.values
      let codes = try drawn(
        browser, caption, seed: number,
        "temperature: \(options.temperature), topP: \(options.topP ?? 1), guidance: 2")
      // The page has no multiplication and addition in one rounding, so sums differ in their last
      // bits. A draw that falls between two such sums changes a picture.
      if codes != [expected] {
        different += 1
        #expect(!isGreedy, "\(caption)")
      }
    }
    print("\(different) of \(count / 2) pictures drawn at temperature 0.7 differ")
    #expect(different <= max(1, count / 50), "\(different) of \(count) pictures differ")
  }

  @Test func `candidates are ranked as the program ranks them, and a beginning is kept`() throws {
    let dalle = try Pretrained.dalle()
    let browser = try opened()
    let caption = "a red boat on the beach"
    let options = SamplingOptions(temperature: 0)
    let given = Array(try dalle.draw(caption, count: 1, seed: 1, options).codes.values[..<100])
    let codes = try drawn(
      browser, caption, seed: 1, "temperature: 0, topP: 1, guidance: 1", candidates: 3,
      given: given)
    #expect(codes.count == 3 && codes.allSatisfy { $0.starts(with: given) && $0.count == 256 })
    let plain = "temperature: 0, topP: 1, guidance: 1"
    let other = try drawn(browser, "a cat at night", seed: 1, plain)
    let scores = try browser.value(
      [Double].self, of: "playground.engine.score('\(caption)', [\(codes[0]), \(other[0])])")
    let c = dalle.transformer.model.configuration
    let pictures = dalle.dvae.decode(
      IndexTensor(shape: [2, c.rows, c.columns], codes[0] + other[0]))
    for (score, expected) in zip(scores, try dalle.scores(pictures, caption)) {
      #expect(abs(score - Double(expected)) < 1e-4)
    }
    #expect(scores[0] > scores[1])
  }

  @Test func `captions get the sentences of the program`() throws {
    let tokenizer = try Pretrained.transformer().tokenizer
    let browser = try opened()
    let captions = [
      "", "   ", "красная звезда", "a red dragon", "A  RED star &amp; a ｂｌｕｅ house",
      String(repeating: "a", count: 10_000), "a red star 🙂", "e\u{301}toile",
      "\u{1B}[31ma red star",
    ]
    for caption in captions {
      let text = String(decoding: try JSONEncoder().encode(caption), as: UTF8.self)
      let read = try browser.value(Caption.self, of: "playground.engine.read(\(text))")
      #expect(read.error == tokenizer.flaw(of: caption), "\(caption.prefix(40))")
      if read.error != nil {
        #expect(throws: Browser.Failure.self) {
          try drawn(browser, caption, seed: 1, "guidance: 1")
        }
        continue
      }
      let unknown = tokenizer.unknownWords(in: caption)
      #expect(read.unknown.map(\.word) == unknown.map(\.word), "\(caption.prefix(40))")
      #expect(read.unknown.map(\.nearest) == unknown.map(\.nearest))
      #expect(read.notice == (caption.count < 10_000 ? nil : cutting(caption, at: 20)))
    }
    #expect(throws: Browser.Failure.self) {
      try drawn(browser, "a red star", seed: 1, "temperature: -1")
    }
  }

  @Test func `a look inside agrees with the model`() throws {
    let dalle = try Pretrained.dalle()
    let browser = try opened()
    let caption = "a yellow star above a blue house at night"
    let options = SamplingOptions(temperature: 0, guidance: 2)
    let codes = try dalle.draw(caption, count: 1, seed: 1, options).codes.values
    let wish = "caption: '\(caption)', codes: \(codes), place: 100"
    let choices = try browser.value(
      [Choice].self,
      of: """
        playground.engine.alternatives({\(wish), temperature: 1, topK: 3, topP: 1, guidance: 2})
          .then(all => all.map(({code, probability, kept}) => ({code, probability, kept})))
        """)
    #expect(choices.count == 10 && choices[0].code == codes[100])
    #expect(choices.map(\.kept) == [true, true, true] + Array(repeating: false, count: 7))
    #expect(choices.map(\.probability) == choices.map(\.probability).sorted(by: >))
    #expect(choices.reduce(0) { $0 + $1.probability } <= 1.0001)
    let model = dalle.transformer.model
    let ids = try dalle.transformer.ids(caption)  // [T]
    let trace = Trace()
    _ = model.hidden(
      text: IndexTensor(shape: [1, ids.count], ids),
      image: IndexTensor(shape: [1, codes.count], codes), trace: trace)
    for (layer, head) in [(0, 2), (1, 5), (5, 0)] {
      let seen = try browser.value(
        Attention.self,
        of: """
          playground.engine.attention({\(wish), layer: \(layer), head: \(head)}).then(
            ({start, words, picture}) => ({start, words: [...words], picture: [...picture]}))
          """)
      let weights = try #require(trace["layer.\(layer).attn_probs"])  // [1, h, S, S]
      let query = model.configuration.textPositions + 99
      let expected = weights.at(0, axis: 0).at(head, axis: 0).at(query, axis: 0).scalars  // [S]
      let found = [seen.start] + seen.words + seen.picture.dropLast()
      #expect(found.count == expected.count)
      #expect(zip(found, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 }, "layer \(layer)")
      #expect(seen.picture[100...].allSatisfy { $0 == 0 }, "later tokens are not seen")
    }
  }

  @Test func `pictures of sticker world and what models see in them are the program's`() throws {
    let (classifier, matcher) = (try Pretrained.classifier(), try Pretrained.clip())
    let browser = try opened()
    let live = URL(filePath: page).deletingLastPathComponent().appending(path: "live")
    for model in ["clip", "vit"] {
      let script = live.appending(path: "\(model).js")
      _ = try browser.value(
        Bool.self,
        of: """
          new Promise((resolve, reject) => document.head.append(Object.assign(
            document.createElement('script'),
            {src: '\(script.absoluteString)', onload: () => resolve(true), onerror: reject})))
          """)
    }
    _ = try browser.value(
      Bool.self,
      of: "Engine.open(dalleData, () => {}, ['clip', 'vit']).then(e => Boolean(window.seer = e))")
    let captions = [
      "a red star above a blue house at night", "an orange cat wearing a green hat at sunset",
      "a small pink fish in the bottom left corner",
    ]
    var pictures: [Image] = []
    for (layout, caption) in captions.enumerated() {
      let scene = try Scene(caption: caption)
      let picture = scene.render(Layout(for: scene, seed: UInt64(layout)))
      let pixels: [UInt8] = try browser.value(
        of: """
          seer.sticker('\(caption)', \(layout)).then(({rgba}) => {
            (window.drawn ??= []).push(rgba);
            return [...rgba].filter((_, i) => i % 4 < 3);
          })
          """)
      #expect(pixels == picture.pixels, "\(caption)")
      pictures.append(picture)
    }
    #expect(throws: Browser.Failure.self) {
      _ = try browser.value(Bool.self, of: "seer.sticker('a red dragon', 0).then(() => true)")
    }

    let cosines: [[Double]] = try browser.value(
      of: "seer.compare(drawn, \(captions)).then(({cosines}) => cosines)")
    let expected = try matcher.similarities(pictures, captions).scalars
    #expect(zip(cosines.joined(), expected).allSatisfy { abs($0 - Double($1)) < 1e-4 })

    let trace = Trace()
    let logits = classifier(Tensor([pictures[1]]), trace: trace)
    let shares: [[Double]] = try browser.value(
      of: "seer.look(drawn[1]).then(({answers}) => answers.map(q => q.answers.map(a => a.share)))")
    for (found, logits) in zip(shares, logits) {
      let expected = logits.softmax(axis: 1).scalars
      #expect(found.count == expected.count)
      #expect(zip(found, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 })
    }
    let attention: [Double] = try browser.value(
      of: "seer.look(drawn[1]).then(({attention}) => [...attention].slice(5 * 4 * 65 * 65))")
    let last = try #require(trace["layer.5.attn_probs"]).scalars  // [1, h, 1 + N, 1 + N]
    #expect(attention.count == last.count)
    #expect(zip(attention, last).allSatisfy { abs($0 - Double($1)) < 1e-4 })
  }

  @Test func `the page has no errors and fits a phone`() throws {
    for width in [1280, 390] {
      let browser = try opened(width: width)
      #expect(try browser.value(String.self, of: "document.title").isEmpty == false)
      #expect(
        try browser.value(Int.self, of: "document.documentElement.scrollWidth") <= width,
        "\(width) pixels")
      #expect(browser.errors.isEmpty, "\(browser.errors)")
    }
    let bytes = try FileManager.default.attributesOfItem(atPath: page)[.size] as? Int
    #expect(bytes ?? .max <= 18_000_000)
  }

  @Test func `memory stops growing`() throws {
    let browser = try opened()
    var sizes: [Int] = []
    for seed in 0..<(isLong ? 50 : 4) {
      let options = "temperature: 0.7, topP: 0.95, guidance: 2"
      _ = try drawn(browser, "a red star", seed: seed, options, candidates: seed < 2 ? 6 : 1)
      sizes.append(try browser.value(of: "playground.engine.memory()"))
    }
    // The first pictures find no freed blocks of the sizes they need; after them, all do.
    #expect(sizes.last! <= sizes[1] + (1 << 20), "\(sizes)")
    if isLong { #expect(sizes.last! == sizes[25], "\(sizes)") }
    #expect(sizes.last! <= 256 << 20, "\(sizes)")
  }
}
