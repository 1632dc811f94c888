// A prompt is cleaned exactly as the captions of a training were, whatever they came from.

import CLIP
import DALLE
import DALLETraining
import Foundation
import Images
import PictureFiles
import Pretrained
import TestSupport
import Testing
import Text

@testable import CaptionedImages
@testable import DalleCommand

@Suite struct CleaningPathsTests {
  /// Captions with everything that is repaired; each in one line.
  static let captions = [
    "A red  star\u{A0}above  a blue house ", "\tit\u{2019}s a &lt;b&gt; R&amp;D caf&eacute; sign",
    "a \u{1B}[31mred\u{1B}[0m ball, \u{FF37}\u{FF29}\u{FF24}\u{FF25} \u{FF76}\u{FF9E}",
    "the \u{FB01}sh  \u{3000}and &quot;E\u{301}&quot; at night\u{200D} < &#8220;x",
  ]

  /// The captions as the readers of each layout give them.
  private func read(_ layout: String, in folder: TemporaryFolder) throws -> [String] {
    let names = Self.captions.indices.map { "\($0).png" }
    for name in names { try Image(width: 8, height: 8).writePNG(to: folder.file(name)) }
    func put(_ json: Any, _ name: String) throws -> String {
      try folder.write(Array(JSONSerialization.data(withJSONObject: json)), to: name)
    }
    var path = folder.path
    switch layout {
    case "txt":
      for (i, caption) in Self.captions.enumerated() {
        _ = try folder.write(Array("\(caption)\r\n".utf8), to: "\(i).txt")
      }
    case "jsonl":
      let lines = try zip(names, Self.captions).map { name, caption in
        let json = try JSONSerialization.data(withJSONObject: ["image": name, "caption": caption])
        return String(decoding: json, as: UTF8.self) + "\n"
      }
      path = try folder.write(Array(lines.joined().utf8), to: "list.jsonl")
    case "csv":
      let lines = zip(names, Self.captions).map { name, caption in
        "\(name),\"\(caption.replacing("\"", with: "\"\""))\"\n"
      }
      path = try folder.write(Array(("image,caption\n" + lines.joined()).utf8), to: "list.csv")
    default:
      let pictures = names.enumerated().map { ["id": $0, "file_name": $1] as [String: Any] }
      let sentences = Self.captions.enumerated().map { i, caption in
        ["id": i, "image_id": i, "caption": caption] as [String: Any]
      }
      path = try put(["images": pictures, "annotations": sentences], "captions_train.json")
    }
    let images = try CaptionedImages(path, filtered: false)
    return (0..<images.count).flatMap { images.captions(at: $0) }
  }

  @Test(arguments: ["txt", "jsonl", "csv", "coco"])
  func `a prompt has the ids of the same caption in a data set`(layout: String) throws {
    let read = try read(layout, in: TemporaryFolder())
    #expect(read.count == Self.captions.count)
    let tokenizer = Tokenizer.streams(read)
    let (clip, dalle) = (try Pretrained.clip(), try Pretrained.transformer())
    for (caption, prompt) in zip(read, Self.captions) {
      #expect(cleaned(caption) == cleaned(prompt))
      let ids = try clip.ids([caption, prompt], truncate: true)  // [2, T]
      #expect(ids.rows(0..<1) == ids.rows(1..<2))
      #expect(try dalle.ids(caption, truncate: true) == dalle.ids(prompt, truncate: true))
      #expect(tokenizer.flaw(of: prompt) == nil)
    }
  }
}
