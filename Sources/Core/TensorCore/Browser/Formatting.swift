// What `Formatting.swift` does with Foundation; and modules that use this one see `Kernels` too, as
// Embedded Swift wants and as `Codable` needs.

@_exported import Kernels

func logarithm(_ x: Double) -> Double { Kernels.log(x) }

func format(_ x: Float) -> String { "\(x)" }
