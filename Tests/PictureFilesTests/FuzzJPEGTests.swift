import CJPEGWriting
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

@Suite struct FuzzJPEGTests {
  @Test(.timeLimit(.minutes(10)))
  func `mutated JPEGs are pictures or typed errors, in little time and memory`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let pixels = randomImage(24, 16, seed: 1).pixels
      let seeds = [
        jpeg(pixels, 24, 16), jpeg(pixels, 24, 16, progressive: true),
        jpeg(pixels, 24, 16, quality: 20, restart: 1),
        jpeg(Array(pixels.prefix(384)), 24, 16, JPEGWRITING_GREY),
        jpeg(pixels + pixels.prefix(384), 24, 16, JPEGWRITING_YCCK),
        jpeg(pixels, 24, 16, arithmetic: true),
      ]
      try limitMemory(toFurther: 1 << 30)
      let outcomes = fuzz("JPEG") { i in
        var random = Random(seed: 2).split("jpeg").split(i)
        var bytes = seeds[i % seeds.count]
        // In one of eight, the header claims another size.
        if i % 8 == 0,
          let frame = [0xC0, 0xC2].lazy.compactMap({ bytes.firstRange(of: [0xFF, $0]) }).first
        {
          for place in 5..<9 where random.integer(below: 2) == 0 {
            bytes[frame.lowerBound + place] = UInt8(random.integer(below: 256))
          }
        }
        if i % 16 != 0 { bytes = mutated(bytes, using: &random) }
        do throws(PictureError) {
          let image = try Image(data: bytes, name: "mutant")
          precondition(image.width * image.height <= bytes.count * 8192)
          return "picture"
        } catch {
          precondition(error.description.hasPrefix("mutant: ") && !error.description.contains("\n"))
          switch error {
          case .damaged: return "damaged"
          case .unsupported: return "unsupported"
          case .notPicture: return "something else"
          default: return "too large"
          }
        }
      }
      for outcome in ["picture", "damaged", "unsupported", "too large"] {
        precondition(outcomes[outcome, default: 0] > 0, "\(outcome) is never reached: \(outcomes)")
      }
    }
    for text in [result?.standardOutputContent, result?.standardErrorContent] {
      print(String(decoding: text ?? [], as: UTF8.self), terminator: "")
    }
  }
}
