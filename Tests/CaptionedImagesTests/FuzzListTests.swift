import CaptionedImages
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct FuzzListTests {
  @Test(.timeLimit(.minutes(10)))
  func `mutated lists are read or refused, in little time and memory`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let mini = try Miniature(inMemory: true)
      try mini.add(picture: "a.png")
      try mini.add(picture: "b.png")
      let lists = [
        "captions_x.json": """
        {"info": {}, "images": [{"id": 9, "file_name": "a.png"}, {"id": "10", "file_name": "b.png"}],
         "annotations": [{"id": 1, "image_id": 9, "caption": "a bowl of fruit"},
          {"id": 2, "image_id": 10.0, "caption": "un caf\\u00e9 tr\\u00e8s noir"}]}
        """,
        "list.jsonl": """
        {"image": "a.png", "caption": "a bowl of fruit"}
        {"file_name": "b.png", "text": ["a red bird", "a bird on a branch"]}
        """,
        "list.csv": "file_name,text\na.png,\"a bowl, of fruit\"\nb.png,a red bird\n",
      ].sorted { $0.key < $1.key }
      try limitMemory(toFurther: 512 << 20)
      func outcome(_ i: Int, _ name: String, _ text: String) throws -> String {
        var random = Random(seed: 3).split(name).split(i)
        try mini.add(name, bytes: mutated(Array(text.utf8), using: &random))
        do throws(DataError) {
          let data = try CaptionedImages(mini.path(name))
          precondition(data.count > 0 && !data.report.description.contains("\0"))
          return "read"
        } catch {
          precondition(!error.description.contains("\n"), "mutant \(i): \(error)")
          switch error {
          case .malformed: return "malformed"
          case .empty: return "empty"
          case .unknownFormat: return "no folder of pictures"
          default: return "\(error)"
          }
        }
      }
      // COCO's alone, then the other two in turn.
      let all = [
        try fuzz("COCO") { try outcome($0, lists[0].key, lists[0].value) },
        try fuzz("other lists") { try outcome($0, lists[1 + $0 % 2].key, lists[1 + $0 % 2].value) },
      ]
      for outcomes in all {
        precondition(outcomes["read", default: 0] > 0, "none is read: \(outcomes)")
        precondition(outcomes["empty", default: 0] > 0, "none is empty: \(outcomes)")
      }
    }
    for text in [result?.standardOutputContent, result?.standardErrorContent] {
      print(String(decoding: text ?? [], as: UTF8.self), terminator: "")
    }
  }
}
