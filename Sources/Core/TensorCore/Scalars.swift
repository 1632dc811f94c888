// The few scalar functions the core needs from the C library.

import Foundation

func logarithm(_ x: Double) -> Double { Foundation.log(x) }
