// swift-tools-version: 6.2
import PackageDescription

// Everything is optimised in debug builds too, so that plain `swift run` and `swift test` are
// fast. Checks stay on (-O, not -Ounchecked), and `-assert-config Debug` keeps the sentences of
// preconditions in optimised builds. The innermost loops do without those checks: they are
// reached only through entry points that make them.
#if arch(x86_64)
  let vectorFlags = ["-mavx2", "-mfma"]
#else
  let vectorFlags: [String] = []
#endif
let swiftVectorFlags = vectorFlags.flatMap { ["-Xcc", $0] }
let unchecked: [SwiftSetting] = [.unsafeFlags(["-O"] + swiftVectorFlags)]
let optimised: [SwiftSetting] = [
  .unsafeFlags(["-O", "-assert-config", "Debug"] + swiftVectorFlags)
]

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
      cSettings: [.unsafeFlags(["-O2"] + vectorFlags)]),
    .target(
      name: "Vectors", dependencies: ["CSupport"], path: "Sources/Core/Vectors",
      swiftSettings: unchecked),
    .target(
      name: "Kernels", dependencies: ["Vectors", "CSupport", "COpenBLAS"],
      path: "Sources/Core/Kernels", swiftSettings: unchecked),
    .target(
      name: "TensorCore", dependencies: ["Kernels", "Vectors", "CSupport"], path: "Sources/Core/TensorCore",
      swiftSettings: optimised),
    .target(
      name: "NeuralNetwork", dependencies: ["TensorCore", "Kernels"],
      path: "Sources/Core/NeuralNetwork", swiftSettings: optimised),
    .target(
      name: "Images", dependencies: ["CPNG"], path: "Sources/Core/Images",
      swiftSettings: optimised),
    .target(
      name: "StickerWorld", dependencies: ["Images", "TensorCore"],
      path: "Sources/Data/StickerWorld", swiftSettings: optimised),
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(
      name: "TensorCoreTests", dependencies: ["TensorCore", "Kernels", "COpenBLAS", "TestSupport"],
      path: "Tests/TensorCoreTests"),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "TestSupport"],
      path: "Tests/NeuralNetworkTests"),
    .testTarget(
      name: "StickerWorldTests", dependencies: ["StickerWorld", "Images", "TensorCore"],
      path: "Tests/StickerWorldTests"),
  ]
)
