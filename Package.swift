// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Everything is optimised in debug builds too, so that plain `swift run` and `swift test` are
// fast. Checks stay on, and `-assert-config Debug` keeps the sentences of preconditions in
// optimised builds. Only `Vectors` and `Kernels` do without checks: they are reached through
// entry points of `TensorCore` that make them.
//
// The code is made for the processor it is built on: vectors of 16 floats where it has AVX-512,
// of 8 with AVX2, of 4 with NEON.
#if arch(x86_64)
  let vectorFlags = ["-march=native"]
#else
  let vectorFlags: [String] = []
#endif
let swiftVectorFlags = vectorFlags.flatMap { ["-Xcc", $0] }
let unchecked: [SwiftSetting] = [.unsafeFlags(["-Ounchecked"] + swiftVectorFlags)]
let optimised: [SwiftSetting] = [
  .unsafeFlags(["-O", "-assert-config", "Debug"] + swiftVectorFlags)
]

/// A module of the folder `Sources/FLOOR/NAME`.
func library(
  _ floor: String, _ name: String, _ dependencies: Target.Dependency...,
  settings: [SwiftSetting] = optimised
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)",
    swiftSettings: settings)
}

/// The tests of a module, in the folder `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests")
}

/// A chapter of the book: the module of its cells, `Sources/Chapters/Chapter1`; its program,
/// `Sources/Chapters/chapter1-vit`; its tests, `Tests/Chapter1Tests`.
func chapter(_ number: Int, _ name: String, _ dependencies: Target.Dependency...) -> [Target] {
  let module = "Chapter\(number)"
  let core: [Target.Dependency] = ["Notebook", "NeuralNetwork", "TensorCore", "Images"]
  return [
    .target(
      name: module, dependencies: core + dependencies, path: "Sources/Chapters/\(module)",
      swiftSettings: optimised),
    .executableTarget(
      name: "chapter\(number)-\(name)", dependencies: ["Notebook", .byName(name: module)],
      path: "Sources/Chapters/chapter\(number)-\(name)", swiftSettings: optimised),
    .testTarget(
      name: "\(module)Tests", dependencies: [.byName(name: module), "Notebook"],
      path: "Tests/\(module)Tests"),
  ]
}

// Learners' copies come without solutions, and so without what is made of them.
let hasSolutions = FileManager.default.fileExists(
  atPath: "\(Context.packageDirectory)/Sources/Course/Solutions")

/// What only the copy with solutions has.
func teachers() -> [Target] {
  if !hasSolutions { return [] }
  return [
    library("Course", "Solutions", "CourseKit", "TensorCore"),
    library("Course", "Mutants", "Solutions", "CourseKit", "TensorCore"),
    .testTarget(
      name: "GraderTests",
      dependencies: [
        "course", "my-dalle", "CourseKit", "Grading", "Exercises", "Solutions", "Mutants",
        "VisionTransformer", "CLIP", "CLIPTraining", "DiscreteVAE", "DALLE", "DALLETraining",
        "TextToImage", "Text", "Evaluation", "NeuralNetwork", "TensorCore", "TestSupport",
      ], path: "Tests/GraderTests"),
  ]
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "DALLE",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "dalle", targets: ["DalleCommand"]),
    // Core
    .library(name: "TensorCore", targets: ["TensorCore"]),
    .library(name: "NeuralNetwork", targets: ["NeuralNetwork"]),
    .library(name: "Images", targets: ["Images"]),
    .library(name: "Checkpoints", targets: ["Checkpoints"]),
    // Data
    .library(name: "Text", targets: ["Text"]),
    .library(name: "StickerWorld", targets: ["StickerWorld"]),
    .library(name: "CaptionedImages", targets: ["CaptionedImages"]),
    // Models, and the trained ones
    .library(name: "VisionTransformer", targets: ["VisionTransformer"]),
    .library(name: "CLIP", targets: ["CLIP"]),
    .library(name: "DiscreteVAE", targets: ["DiscreteVAE"]),
    .library(name: "DALLE", targets: ["DALLE"]),
    .library(name: "TextToImage", targets: ["TextToImage"]),
    .library(name: "Pretrained", targets: ["Pretrained"]),
    // Learning
    .library(name: "Training", targets: ["Training"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // System
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/System/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CPNG", path: "Sources/System/CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .target(
      name: "CSupport", path: "Sources/System/CSupport",
      cSettings: [.unsafeFlags(["-O2"] + vectorFlags)]),
    .target(name: "CPNGSupport", dependencies: ["CPNG"], path: "Sources/System/CPNGSupport"),
    // Core
    library("Core", "Vectors", "CSupport", settings: unchecked),
    library("Core", "Kernels", "Vectors", "CSupport", settings: unchecked),
    library("Core", "TensorCore", "Kernels", "Vectors", "CSupport"),
    library("Core", "NeuralNetwork", "TensorCore", "Kernels"),
    library("Core", "Files"),
    library("Core", "Images", "Files", "TensorCore", "CPNG", "CPNGSupport"),
    library("Core", "Checkpoints", "Files", "NeuralNetwork", "TensorCore"),
    library("Core", "Training", "Checkpoints", "Files", "NeuralNetwork", "TensorCore"),
    // Data
    library("Data", "Text", "Files", "TensorCore"),
    library("Data", "StickerWorld", "Images", "TensorCore", "Kernels"),
    library(
      "Data", "CaptionedImages", "StickerWorld", "Images", "Files", "TensorCore", "Kernels"),
    // Models
    library(
      "Models", "VisionTransformer", "Checkpoints", "NeuralNetwork", "TensorCore", "COpenBLAS"),
    library(
      "Models", "CLIP", "VisionTransformer", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "DiscreteVAE", "Images", "Files", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "DVAETraining", "DiscreteVAE", "CaptionedImages", "StickerWorld", "Training",
      "Checkpoints", "NeuralNetwork", "TensorCore"),
    library("Models", "DALLE", "Checkpoints", "NeuralNetwork", "TensorCore", "Kernels"),
    library(
      "Models", "DALLETraining", "DALLE", "DiscreteVAE", "CaptionedImages", "StickerWorld", "Text",
      "Training", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "StickerClassifier", "VisionTransformer", "Training", "Checkpoints",
      "NeuralNetwork", "TensorCore", "Images", "StickerWorld"),
    library(
      "Models", "CLIPTraining", "CLIP", "DiscreteVAE", "DALLE", "DALLETraining",
      "VisionTransformer", "StickerJudge",
      "Training", "Checkpoints", "NeuralNetwork", "TensorCore", "Images", "StickerWorld",
      "CaptionedImages", "Text"),
    .target(
      name: "StickerJudge",
      dependencies: [
        "Training", "Checkpoints", "NeuralNetwork", "TensorCore", "Images", "StickerWorld",
      ], path: "Sources/Models/StickerJudge", resources: [.copy("Resources/judge.safetensors")],
      swiftSettings: optimised),
    library(
      "Models", "TextToImage", "DALLETraining", "DALLE", "DiscreteVAE", "CLIPTraining", "CLIP",
      "Checkpoints", "Images", "Text", "TensorCore"),
    library(
      "Models", "Evaluation", "StickerJudge", "StickerClassifier", "StickerWorld", "Images",
      "NeuralNetwork", "TensorCore", "COpenBLAS"),
    // Pretrained
    .target(
      name: "Pretrained",
      dependencies: [
        "StickerClassifier", "CLIPTraining", "DiscreteVAE", "DALLETraining", "DALLE",
        "TextToImage", "Checkpoints",
      ],
      path: "Sources/Pretrained", resources: [.copy("Resources")], swiftSettings: optimised),
    // Chapters
    library(
      "Chapters", "Notebook", "Training", "Checkpoints", "NeuralNetwork", "TensorCore", "Images",
      "Files", argumentParser),
    // Course
    library("Course", "CourseKit", "TensorCore"),
    .target(
      name: "Grading", dependencies: ["CourseKit", "TensorCore"], path: "Sources/Course/Grading",
      resources: [.copy("Resources")], swiftSettings: optimised),
    library("Course", "Exercises", "CourseKit", "TensorCore"),
    .executableTarget(
      name: "course",
      dependencies: ["CourseKit", "Grading", "Exercises", argumentParser]
        + (hasSolutions ? ["Solutions", "Mutants"] : []),
      path: "Sources/Course/course",
      swiftSettings: optimised + (hasSolutions ? [.define("TEACHER")] : [])),
    .executableTarget(
      name: "my-dalle",
      dependencies: [
        "CourseKit", "Grading", "Exercises", "Pretrained", "TextToImage", "DALLETraining", "DALLE",
        "DiscreteVAE", "CLIPTraining", "CLIP", "VisionTransformer", "Text", "Training", "Images",
        "NeuralNetwork", "TensorCore", argumentParser,
      ], path: "Sources/Course/my-dalle", swiftSettings: optimised),
    // Tools
    .executableTarget(
      name: "demo",
      dependencies: [
        "Training", "Checkpoints", "NeuralNetwork", "TensorCore", "Images", "StickerWorld",
        argumentParser,
      ], path: "Sources/Tools/demo", swiftSettings: optimised),
    .executableTarget(
      name: "benchmark",
      dependencies: [
        "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer", "NeuralNetwork", "TensorCore",
        "Kernels", argumentParser,
      ],
      path: "Sources/Tools/benchmark", exclude: ["peers"], swiftSettings: optimised),
    // The module must not be called like the folder and the product: beside DALLE, file systems
    // that ignore case would mix them up.
    .executableTarget(
      name: "DalleCommand",
      dependencies: [
        "Pretrained", "Evaluation", "StickerJudge", "TextToImage", "DALLETraining", "DALLE",
        "DVAETraining", "DiscreteVAE",
        "CLIPTraining",
        "CLIP", "VisionTransformer", "Text", "Training", "Checkpoints", "CaptionedImages",
        "StickerWorld", "Images", "TensorCore",
        argumentParser,
      ],
      path: "Sources/Tools/dalle", swiftSettings: optimised),
    // Tests
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    tests("TensorCore", "Kernels", "COpenBLAS"),
    tests("NeuralNetwork", "TensorCore", "Kernels"),
    .testTarget(
      name: "ReadmeTests",
      dependencies: ["Evaluation", "NeuralNetwork", "StickerWorld", "TensorCore"],
      path: "Tests/ReadmeTests"),
    tests("Images", "TensorCore"),
    tests("Text", "TensorCore"),
    tests("StickerWorld", "Images", "TensorCore"),
    tests("Files"),
    tests("Checkpoints", "Files", "NeuralNetwork", "TensorCore"),
    tests("Training", "Checkpoints", "Files", "NeuralNetwork", "TensorCore"),
    tests("VisionTransformer", "Checkpoints", "NeuralNetwork", "TensorCore"),
    tests("CLIP", "VisionTransformer", "Checkpoints", "NeuralNetwork", "TensorCore"),
    tests(
      "CLIPTraining", "CLIP", "DALLETraining", "DALLE", "DiscreteVAE", "VisionTransformer",
      "Training", "Checkpoints", "StickerWorld", "Text", "TensorCore"),
    tests("DALLE", "Checkpoints", "NeuralNetwork", "TensorCore", "Kernels"),
    tests(
      "DALLETraining", "DALLE", "DiscreteVAE", "CaptionedImages", "StickerWorld", "Text",
      "Training", "Checkpoints", "TensorCore"),
    tests(
      "TextToImage", "DALLETraining", "DALLE", "DiscreteVAE", "CLIPTraining", "CLIP", "Images",
      "StickerWorld", "Text", "TensorCore"),
    tests("DiscreteVAE", "Images", "Checkpoints", "NeuralNetwork", "TensorCore"),
    tests(
      "DVAETraining", "DiscreteVAE", "Training", "Checkpoints", "CaptionedImages", "StickerWorld",
      "TensorCore"),
    tests(
      "StickerClassifier", "VisionTransformer", "Training", "Checkpoints", "StickerWorld",
      "TensorCore"),
    tests("StickerJudge", "Images", "StickerWorld", "TensorCore"),
    tests(
      "Evaluation", "StickerJudge", "StickerClassifier", "VisionTransformer", "StickerWorld",
      "Images", "TensorCore"),
    .executableTarget(
      name: "training-probe",
      dependencies: ["Training", "Checkpoints", "NeuralNetwork", "TensorCore"],
      path: "Tests/TrainingProbe", swiftSettings: optimised),
    tests("CaptionedImages", "StickerWorld", "Images", "TensorCore"),
    tests(
      "DalleCommand", "DALLETraining", "DALLE", "DiscreteVAE", "CLIPTraining", "Text",
      "Checkpoints", "CaptionedImages", "StickerWorld", "Images", "TensorCore"),
    .testTarget(
      name: "ExerciseTests", dependencies: ["CourseKit", "Grading", "Exercises"],
      path: "Tests/ExerciseTests"),
    tests("Notebook", "Training", "Checkpoints", "NeuralNetwork", "TensorCore", "Images", "Files"),
  ]
    + teachers()
    + chapter(
      1, "vit", "Pretrained", "StickerClassifier", "VisionTransformer", "StickerWorld", "Training",
      "Checkpoints")
    + chapter(
      2, "clip", "Pretrained", "CLIPTraining", "CLIP", "StickerClassifier", "VisionTransformer",
      "StickerWorld", "Training", "Checkpoints")
    + chapter(
      3, "dvae", "Pretrained", "DVAETraining", "DiscreteVAE", "StickerClassifier",
      "CaptionedImages", "StickerWorld", "Training", "Checkpoints")
    + chapter(
      4, "sparse-attention", "Pretrained", "DALLETraining", "DALLE", "DiscreteVAE", "StickerJudge",
      "StickerClassifier", "StickerWorld", "Training", "Checkpoints")
    + chapter(
      5, "reranking", "Pretrained", "Evaluation", "TextToImage", "DALLETraining", "DALLE",
      "DiscreteVAE", "CLIPTraining", "CLIP", "StickerJudge", "StickerClassifier", "StickerWorld")
)
