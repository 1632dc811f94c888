// One resblock in 16 bits, on an identity path in 32 bits: the operations of figure 4 of the DALL·E
// paper (Ramesh et al., 2021, §2.4).

import NumberFormats
import TensorCore

extension Arithmetic {
  /// x + f(x), any shape, where `f` calculates by `cast` and x stays in 32 bits.
  ///
  ///     forward:   x → cast → f → back to 32 bits → + x
  ///     backward:  g → · scale → cast → back through f → 32 bits → filter → / scale → + g
  ///
  /// The gradients of the parameters of f come out multiplied by `scale`.
  func adding(to x: Tensor, scale: Scale, _ f: (Tensor) -> Tensor) -> Tensor {
    x + scaled(f(unscaled(x, scale)), scale)
  }

  /// The way into f: forward a cast; backward the gradient goes back to 32 bits, through the filter,
  /// and is divided by the scale.
  private func unscaled(_ x: Tensor, _ scale: Scale) -> Tensor {
    let y = rounded(x)  // as x
    onResult?(y)
    return y.recorded(from: x) { dy in
      let half = rounded(dy)  // as x
      probe?.note(dy, half)
      onResult?(half)
      let dx = (scale.isFiltered ? filtered(half) : half) / scale.value  // as x
      probe?.noteResult(dx)
      x.receive(dx)
    }
  }

  /// The way out of f: forward nothing, since all numbers of the format are floats; backward the
  /// gradient is multiplied by the scale, then cast.
  private func scaled(_ y: Tensor, _ scale: Scale) -> Tensor {
    y.detached.recorded(from: y) { dy in
      let large = dy * scale.value  // as y
      let half = rounded(large)  // as y
      probe?.noteIncoming(dy, large, half)
      onResult?(half)
      y.receive(half)
    }
  }
}

/// The factor of a resblock's gradients, and whether they are filtered.
struct Scale {
  let value: Float
  /// Without the filter a resblock whose gradients overflow spoils those of all before it.
  let isFiltered: Bool
}

/// The numbers with 0 in place of NaN and of the infinite ones. Any shape.
func filtered(_ x: Tensor) -> Tensor {
  guard x.firstNonFiniteIndex != nil else { return x }
  return Tensor(shape: x.shape, x.scalars.map { $0.isFinite ? $0 : 0 })
}
