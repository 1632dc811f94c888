// The four functions of one number that the loops of this module need beyond arithmetic. They come
// from the C library, not from Foundation, so that the module also compiles where there is none.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(WASILibc)
  import WASILibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// eˣ
func exp(_ x: Float) -> Float { expf(x) }

/// Natural logarithm.
func log(_ x: Float) -> Float { logf(x) }

/// Hyperbolic tangent.
func tanh(_ x: Float) -> Float { tanhf(x) }

/// Error function: 2/√π · ∫ e^(-t²) dt from 0 to x.
func erf(_ x: Float) -> Float { erff(x) }
