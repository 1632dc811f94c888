// The few functions the core needs from Foundation.

import Foundation

func logarithm(_ x: Double) -> Double { Foundation.log(x) }

/// Four significant digits.
func format(_ x: Float) -> String { String(format: "%.4g", x) }
