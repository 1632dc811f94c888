// What a number of sixteen bits can hold.

import Foundation
import Notebook
import NumberFormats
import TensorCore

extension Chapter6 {
  static var formatCells: [Cell<State>] {
    [
      Cell("formats", "Four ways to spend sixteen bits") { _, out in
        // ANCHOR: formats
        let formats: KeyValuePairs<String, FloatFormat> = [
          "1-5-10": .half, "1-8-7 (bf16)": .bfloat16, "1-6-9": .adamMean, "0-6-10": .adamVariance,
        ]
        out.table(
          ["format", "largest", "least, full precision", "least above 0", "step at 1", "binades"],
          formats.map { name, f in
            [
              name, power(f.largest), power(f.leastNormal), power(f.leastSubnormal),
              power(f.rounded(1).ulp(in: f)), f.binades,
            ]
          })
        out.table(
          ["number"] + formats.map(\.key),
          [1 / 3, 0.1, 70_000, 3e-6, 3e-8, 2e-8].map { (x: Float) in
            [digits(x)] + formats.map { digits($0.value.rounded(x)) }
          })
        // ANCHOR_END: formats
      },
      Cell("swamped", "A sum that does not move") { _, out in
        // ANCHOR: swamped
        var (kept, rounded) = (Float(1), Float(1))
        for _ in 0..<1000 {
          kept += 1e-4
          rounded = FloatFormat.half.rounded(rounded + 1e-4)
        }
        out.value("f32", kept, .fixed(4))
        out.value("half", rounded, .fixed(4))
        // ANCHOR_END: swamped
      },
    ]
  }

  /// A number with three digits.
  static func digits(_ x: Float) -> String {
    if x == 0 || !x.isFinite { return x == 0 ? "0" : x.isInfinite ? "∞" : "nan" }
    return String(format: abs(x) < 0.001 || abs(x) >= 1e5 ? "%.3g" : "%.5g", Double(x))
      .replacing("e-0", with: "e−").replacing("e-", with: "e−").replacing("e+0", with: "e")
      .replacing("e+", with: "e")
  }

  /// A power of two as 2⁻²⁴, any other number with three digits.
  static func power(_ x: Float) -> String {
    guard x.significand == 1, x.exponent != 0 else { return digits(x) }
    let signs = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "2"
      + String("\(x.exponent)".map { $0 == "-" ? "⁻" : signs[$0.wholeNumberValue ?? 0] })
  }
}

extension Float {
  /// How far the next larger number of a format lies above this one.
  fileprivate func ulp(in format: FloatFormat) -> Float {
    Float(sign: .plus, exponent: Int(exponent) - format.significandBits, significand: 1)
  }
}
