import DiscreteVAE
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct PictureTokensTests {
  private let c = DVAEConfiguration(
    hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2)

  @Test func `tokens are written and read back`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("tokens.json")
    let tokens = PictureTokens(
      IndexTensor(shape: [2, 3], [1, 2, 3, 15, 0, 5]), width: 11, height: 5, codebook: 16,
      encoderHash: "abc")
    try tokens.write(to: path)
    #expect(try PictureTokens(from: path, for: c, encoderHash: "abc") == tokens)
    #expect(tokens.grid.shape == [2, 3])
  }

  @Test func `invalid files are refused, each with its reason`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("tokens.json")
    func refusal(_ text: String) -> String {
      try? Data(text.utf8).write(to: URL(filePath: path))
      do {
        _ = try PictureTokens(from: path, for: c, encoderHash: "abc")
        return ""
      } catch {
        return "\(error)"
      }
    }
    func file(
      _ tokens: String, rows: String = "1", width: Int = 8, codebook: Int = 16, hash: String = "abc"
    ) -> String {
      """
      {"codebook":\(codebook),"columns":2,"encoder_sha256":"\(hash)","height":4,"rows":\(rows),
       "tokens":\(tokens),"width":\(width)}
      """
    }
    #expect(refusal(file("[1,2]")) == "")
    for (text, words) in [
      ("", "dalle encode"), ("{}", "dalle encode"), (file("[1,2.5]"), "dalle encode"),
      (file("[1,99999999999]"), "dalle encode"), (file("[1,16]"), "token 16 is outside"),
      (file("[1,-1]"), "token -1 is outside"), (file("[1,2,3]"), "3 tokens for a grid of 1×2"),
      (file("[]", rows: "0"), "0 tokens"), (file("[1,2]", rows: "9223372036854775807"), "2 tokens"),
      (file("[1,2]", width: 9), "9×4 pixels"), (file("[1,2]", width: 0), "0×4 pixels"),
      // Half of such a grid would lie outside the picture.
      (file("[1,2]", width: 3), "3×4 pixels"), (file("[1,2,3,4]", rows: "2"), "8×4 pixels"),
      (file("[1,2]", hash: "def"), "another dVAE"), (file("[1,2]", codebook: 8), "codebook has 8"),
    ] {
      let said = refusal(text)
      #expect(said.contains(words) && said.hasPrefix(path), "\(text): \(said)")
    }
    let missing = #expect(throws: TokensError.self) {
      try PictureTokens(from: folder.file("none.json"), for: c, encoderHash: "abc")
    }
    #expect(missing.map { "\($0)" }?.contains("none.json: cannot be read") == true)
  }
}
