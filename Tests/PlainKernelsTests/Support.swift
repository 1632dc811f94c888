import TensorCore
import Testing

/// Sizes that fill vectors of 8 and 16, and sizes that leave one value or all but one over.
let awkwardSizes = [1, 7, 16, 17, 33]

/// All sizes up to two vectors of 16 and a half.
let everySize = Array(1...40)

/// Independent numbers between -1 and 1.
func uniform(_ count: Int, _ random: inout Random) -> [Float] {
  (0..<count).map { _ in random.uniform(-1, 1) }
}

/// How far two sums of n products of numbers between -1 and 1 may be apart when they are added in
/// different orders. Each addition rounds a partial sum of about √n / 3 by up to 2⁻²⁴ of its size,
/// with random sign: √n such errors make about n / 3 · 2⁻²⁴. Six times that leaves room for bad
/// luck, and 8 units are for the functions around the sum.
func rounding(_ n: Int) -> Float { Float(n + 8) * 0x1p-23 }

/// Holds every component of a gradient against a central difference of the loss it belongs to.
///
/// With a step of 2⁻⁷ the difference is off by about 2⁻¹⁴ / 6 = 10⁻⁵ times the third derivative,
/// and by 2⁻²⁴ · 2⁷ = 10⁻⁵ per unit of loss that moves. A wrong factor or a lost term changes a
/// component by far more than the 10⁻³ that are allowed.
func expectSlopes(
  _ gradient: [Float], at x: [Float], of loss: ([Float]) -> Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(gradient.count == x.count, sourceLocation: sourceLocation)
  let step: Float = 0x1p-7
  for i in x.indices {
    var (ahead, behind) = (x, x)
    ahead[i] += step
    behind[i] -= step
    let slope = (loss(ahead) - loss(behind)) / Double(ahead[i] - behind[i])
    let error = abs(Double(gradient[i]) - slope)
    #expect(
      error < 1e-3 * max(1, abs(slope)), "component \(i) is \(gradient[i]), the slope \(slope)",
      sourceLocation: sourceLocation)
  }
}

/// Σ aᵢ bᵢ in Double: a loss whose gradient with respect to a is b.
func dot(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
