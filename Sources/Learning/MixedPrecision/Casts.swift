// Arithmetic in another format, by rounding: what an operation computes in 32 bits becomes the nearest
// numbers of the format, and so does the gradient that comes back to it. Sums inside an operation keep
// 32 bits, as those of a graphics card's matrix units do.

import NumberFormats
import TensorCore

/// The format that a resblock calculates in, and who watches.
struct Arithmetic {
  /// Of every result and of every gradient; nil for 32 bits.
  let format: FloatFormat?
  /// Sees the gradients that are rounded.
  let probe: ResblockProbe?
  /// Sees every number that has been rounded, for tests.
  var onResult: ((Tensor) -> Void)?

  /// The nearest numbers of the format. Their gradient is rounded as well on its way back. Any shape.
  ///
  /// An activation's gradient is shown to the probe; that of a weight is not.
  func cast(_ x: Tensor, isWeight: Bool = false) -> Tensor {
    let y = rounded(x)  // as x
    onResult?(y)
    return y.recorded(from: x) { dy in
      let rounded = rounded(dy)  // as x
      if !isWeight { probe?.note(dy, rounded) }
      onResult?(rounded)
      x.receive(rounded)
    }
  }

  /// Any shape
  func rounded(_ x: Tensor) -> Tensor { format.map { x.rounded(to: $0) } ?? x.detached }
}
