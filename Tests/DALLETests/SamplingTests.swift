import DALLE
import Foundation
import TensorCore
import TestSupport
import Testing

/// Compares with the filters of transformers and dalle_pytorch in `sampling.safetensors`.
@Suite struct SamplingTests {
  private func rows(_ file: ReferenceFile, _ name: String) throws -> [[Float]] {
    let (shape, values) = try file.floats(name)
    return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }

  @Test func `filters keep what transformers and dalle_pytorch keep`() throws {
    let file = try ReferenceFile("sampling")
    let logits = try rows(file, "logits")
    let config = try file.config
    let cases = try #require(config["cases"] as? [String: String])
    let chain = try #require(config["chain"] as? [Double])
    for name in cases.keys {
      let options: SamplingOptions
      if name == "chain" {
        options = SamplingOptions(temperature: Float(chain[0]), topK: Int(chain[1]), topP: chain[2])
      } else {
        let match = try #require(try /(.+)_([0-9.]+)/.wholeMatch(in: name), "\(name)")
        let number = try #require(Double(match.2))
        switch match.1 {
        case "temperature": options = SamplingOptions(temperature: Float(number))
        case "top_k": options = SamplingOptions(topK: Int(number))
        case "top_p": options = SamplingOptions(topP: number)
        case "lucid_top_k": options = SamplingOptions(threshold: number)
        default:
          Issue.record("unknown case \(name)")
          continue
        }
      }
      let wanted = try rows(file, "\(name).logits")
      for (row, want) in zip(logits, wanted) {
        var got = row
        options.filter(&got)
        for (a, b) in zip(got, want) {
          #expect(a == b || abs(a - b) <= 1e-6 + 1e-5 * abs(b), "\(name): \(a) instead of \(b)")
        }
      }
    }
  }

  @Test func `uniform numbers draw tokens by the inverse distribution function`() throws {
    let file = try ReferenceFile("sampling")
    let logits = try rows(file, "logits")
    let u = try rows(file, "inverse_cdf.u")
    let (shape, want) = try file.integers("inverse_cdf.tokens")
    for (b, row) in logits.enumerated() {
      for i in 0..<shape[1] {
        #expect(Int(SamplingOptions().draw(row, u[b][i])) == want[b * shape[1] + i])
      }
    }
  }

  @Test func `the largest logit with Gumbel noise is dalle_pytorch's draw`() throws {
    let file = try ReferenceFile("sampling")
    let (shape, values) = try file.floats("logits")
    let noise = try file.floats("gumbel_sample.u").values.map { -Float(log(-log(Double($0)))) }
    for name in file.names where name.hasPrefix("gumbel_sample_") {
      let temperature = try #require(Float(name.dropFirst("gumbel_sample_".count)))
      let scores = Tensor(shape: shape, values) * (1 / temperature) + Tensor(shape: shape, noise)
      #expect(scores.argmax(axis: 1).values.map { Int($0) } == (try file.integers(name)).values)
    }
  }

  @Test func `guidance is dalle_pytorch's`() throws {
    let file = try ReferenceFile("sampling")
    func tensor(_ name: String) throws -> Tensor {
      let (shape, values) = try file.floats(name)
      return Tensor(shape: shape, values)
    }
    let (told, free) = (try tensor("cfg.cond"), try tensor("cfg.null"))
    for name in file.names where name.hasPrefix("cfg.out_") {
      let scale = try #require(Float(name.dropFirst("cfg.out_".count)))
      let problem = difference(
        guided(told, free, scale).scalars, try file.floats(name).values, atol: 1e-5, rtol: 1e-5)
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
  }

  @Test func `draws follow the filtered distribution`() {
    let logits: [Float] = [0, 1, 2, -1, 0.5]
    let options = SamplingOptions(temperature: 0.8, topK: 3)
    var filtered = logits
    options.filter(&filtered)
    let shares = Tensor(filtered).softmax().scalars
    var random = Random(seed: 5)
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<20_000 { counts[Int(options.draw(logits, random.uniform()))] += 1 }
    for (count, share) in zip(counts, shares) {
      // Four standard deviations of a count.
      let expected = 20_000 * Double(share)
      #expect(abs(Double(count) - expected) <= 4 * (expected + 1).squareRoot())
    }
    #expect(counts[0] == 0 && counts[3] == 0)
    #expect(SamplingOptions(temperature: 0).draw(logits, 0.99) == 2)
  }

  @Test(arguments: [Float(1e-30), 1e-38, .leastNonzeroMagnitude])
  func `a temperature near 0 is that of its limit`(temperature: Float) {
    for logits in [[Float(3), 90, -7, 89], [-40, -3, -90, -3.5]] {
      for u in [Float(0), 0.5, 0.999] {
        #expect(SamplingOptions(temperature: temperature).draw(logits, u) == 1)
      }
    }
  }

  @Test func `options beyond all use are refused with a remedy`() {
    #expect(SamplingOptions(guidance: 1000).flaw == nil)
    for guidance in [Float(1e38), -1e4, .infinity, .nan] {
      #expect(SamplingOptions(guidance: guidance).flaw?.contains("try 1 to 4") == true)
    }
  }

  /// Whatever options are accepted, a token comes out that the options allow, never by NaN.
  @Test func `extremes of all options end in their limits`() {
    let odd: [Float] = [
      -1, 0, .leastNonzeroMagnitude, 1e-38, 1e-20, 1, 1e20, 1e38, .infinity, .nan,
    ]
    let rows: [[Float]] = [
      [3, 90, -7, 89], [0, 0, 0, 0], [-1e30, 1e30, 0, 5], [-.infinity, -90, -.infinity, -91],
      [1e-3, 2e-3, 0, -1e-3], [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, 1], [7],
    ]
    for temperature in odd {
      for topP in [nil, 0, 1e-300, 1e-9, 0.5, 1 - 1e-16, 1, 2, .nan] as [Double?] {
        for topK in [nil, .min, 0, 1, 3, .max] as [Int?] {
          for threshold in [nil, -1, 0, 1e-300, 0.5, 1, .nan, .infinity] as [Double?] {
            let options = SamplingOptions(
              temperature: temperature, topK: topK, topP: topP, threshold: threshold)
            if options.flaw != nil { continue }
            for row in rows {
              for u in [0, 0.5, 1 - 0x1p-24] as [Float] {
                let token = Int(options.draw(row, u))
                let isPossible = row.indices.contains(token) && row[token] > -.infinity
                #expect(isPossible, "\(options) \(row)")
                let isGreedy = temperature == 0 || topK == 1 || threshold == 1
                if isGreedy { #expect(row.allSatisfy { $0 <= row[token] }, "\(options) \(row)") }
              }
            }
          }
        }
      }
    }
  }

  @Test func `options without a meaning are refused, each in a sentence`() {
    let refused = [
      SamplingOptions(temperature: -1), SamplingOptions(temperature: .nan),
      SamplingOptions(temperature: .infinity), SamplingOptions(topK: 0),
      SamplingOptions(topK: .min),
      SamplingOptions(topP: 0), SamplingOptions(topP: .nan), SamplingOptions(topP: 1.01),
      SamplingOptions(threshold: -0.01), SamplingOptions(threshold: .nan),
      SamplingOptions(threshold: 2), SamplingOptions(guidance: -.infinity),
    ]
    for options in refused { #expect((options.flaw ?? "").contains("must be"), "\(options)") }
    for temperature: Float in [-1, .nan, .infinity, Float(1e308)] {
      #expect(
        SamplingOptions(temperature: temperature).flaw
          == "the temperature must be 0 to 3.4e38; 0 takes the likeliest token, 1 the model as it is"
      )
    }
    #expect(SamplingOptions(temperature: 1e38, topK: .max, topP: 1e-300, threshold: 1).flaw == nil)
  }

  @Test func `logits that are no numbers stop with a sentence`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = SamplingOptions().draw([1, .nan, 0], 0.5) }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("NaN or infinite"), "\(words)")
    await #expect(processExitsWith: .failure) {
      _ = SamplingOptions(temperature: 0).draw([.infinity, 0], 0.5)
    }
    await #expect(processExitsWith: .failure) {
      _ = SamplingOptions(topK: 1).draw([-.infinity, -.infinity], 0.5)
    }
  }
}
