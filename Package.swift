// swift-tools-version: 6.2
import PackageDescription

// The core is optimised in debug builds too, so that plain `swift run` and `swift test` are
// fast. Bounds and shape checks stay on (-O, not -Ounchecked).
#if arch(x86_64)
  let vectorFlags = ["-Xcc", "-mavx2", "-Xcc", "-mfma"]
#else
  let vectorFlags: [String] = []
#endif
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"] + vectorFlags)]

let package = Package(
  name: "DALLE",
  platforms: [.macOS(.v15)],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/System/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CPNG", path: "Sources/System/CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .target(
      name: "CSupport", path: "Sources/System/CSupport",
      cSettings: [.unsafeFlags(["-O2"] + vectorFlags.filter { $0 != "-Xcc" })]),
    .target(
      name: "Vectors", dependencies: ["CSupport"], path: "Sources/Core/Vectors",
      swiftSettings: optimised),
    .target(
      name: "Kernels", dependencies: ["Vectors", "CSupport", "COpenBLAS"],
      path: "Sources/Core/Kernels", swiftSettings: optimised),
    .target(
      name: "TensorCore", dependencies: ["Kernels", "Vectors", "CSupport"], path: "Sources/Core/TensorCore",
      swiftSettings: optimised),
    .target(
      name: "NeuralNetwork", dependencies: ["TensorCore", "Kernels"],
      path: "Sources/Core/NeuralNetwork", swiftSettings: optimised),
    .target(
      name: "Images", dependencies: ["CPNG"], path: "Sources/Core/Images",
      swiftSettings: optimised),
  ]
)
