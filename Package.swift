// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Everything is optimised in debug builds too, so that plain `swift run` and `swift test` are
// fast. Checks stay on, and `-assert-config Debug` keeps the messages of preconditions in
// optimised builds. Only `Vectors`, `Kernels` and `OptimizerKernels` are compiled without checks.
// They are called by `TensorCore` and `Optimization`, which check shapes first.
//
// The code is compiled for the processor it is built on: vectors of 16 floats where it has AVX-512,
// of 8 with AVX2, of 4 with NEON. For other machines, the environment variable MARCH names theirs
// (x86-64-v3), or is empty for what all of a kind have: a manifest does not know the target.
#if arch(x86_64)
  let thisProcessor = "native"
#else
  let thisProcessor = ""
#endif
let processor = Context.environment["MARCH"] ?? thisProcessor
let vectorFlags = processor.isEmpty ? [] : ["-march=\(processor)"]
let swiftVectorFlags = vectorFlags.flatMap { ["-Xcc", $0] }

// `make page` compiles some of the modules once more, for WebAssembly: with Embedded Swift, which has
// neither Foundation nor Codable nor threads nor a C library. What needs them stands in files of its
// own, which are left out there. In their place come those of the folder `Browser` of a module.
// BROWSER holds the folder of Embedded Swift's libraries for WebAssembly.
let isForBrowser = Context.environment["BROWSER"] != nil
let browserModules = [
  "CSupport": ["bf16.c", "support.c"],
  "Vectors": ["MultiplyAdd.swift"],
  "Kernels": ["Parallel.swift", "ProcessorQuota.swift"],
  "TensorCore": ["Formatting.swift"],
  "NeuralNetwork": ["Activation+Coding.swift", "GradientHook.swift"],
  "Checkpoints": [
    "Checkpoint.swift", "CheckpointError.swift", "Checksum.swift", "HeaderReader.swift",
    "JSON.swift", "Loading.swift", "ModelFromCheckpoint.swift", "SHA256.swift",
    "SafetensorsFile.swift", "SafetensorsHeader.swift", "SafetensorsWriter.swift",
  ],
  "Files": [
    "AtomicFile.swift", "BundledFile.swift", "ForeignFile.swift", "JSON.swift", "JSONFlaw.swift",
    "PeakMemory.swift", "ProcessorName.swift", "RawPath.swift", "ReadFile.swift",
  ],
  "Images": ["PSNR.swift"],
  "Text": [
    "TextFiles.swift", "Tokenizer+Note.swift", "TokenizerDocument.swift", "TokenizerFile.swift",
    "TokenizerFile+Writing.swift",
  ],
  "StickerWorld": ["ContactSheet.swift", "ManyPictures.swift"],
  "DALLE": [
    "CaptionedDALLE+Checkpoint.swift", "Captioner.swift", "CaptionerConfiguration.swift",
    "CaptionScorer.swift",
  ],
  "DiscreteVAE": [
    "Configuration+Coding.swift", "DiscreteVAE+Checkpoint.swift", "PictureTokens.swift",
  ],
  "VisionTransformer": [
    "AttributeClassifier+Checkpoint.swift", "Configuration+Coding.swift", "ViT+Checkpoint.swift",
  ],
  "CLIP": ["CaptionMatcher+Checkpoint.swift", "Configuration+Coding.swift"],
  "TextToImage": [
    "ManyCaptions.swift", "RankedPicture+Sheet.swift", "TextToImage+Captioner.swift",
  ],
  "page": [],
]
let wasmFlags = ["-msimd128", "-mbulk-memory"]
// Its one warning is that functions which rethrow have no type for what they throw.
let browserSettings: [SwiftSetting] = [
  .enableExperimentalFeature("Embedded"),
  .unsafeFlags(
    ["-wmo", "-parse-as-library", "-suppress-warnings", "-Xfrontend", "-disable-stack-protector"]
      + wasmFlags.flatMap { ["-Xcc", $0] }),
]
let browserLinking =
  ["-Xclang-linker", "-nostdlib"]
  + [
    "--no-entry", "--gc-sections", "--strip-all", "--stack-first", "-z", "stack-size=1048576",
    "--export-memory",
  ].flatMap { ["-Xlinker", $0] } + ["-L\(Context.environment["BROWSER"] ?? "")"]

let unchecked: [SwiftSetting] =
  isForBrowser
  ? browserSettings + [.unsafeFlags(["-Ounchecked"])]
  : [.unsafeFlags(["-Ounchecked"] + swiftVectorFlags)]
let optimised: [SwiftSetting] =
  isForBrowser
  ? browserSettings : [.unsafeFlags(["-O", "-assert-config", "Debug"] + swiftVectorFlags)]

/// What a folder of sources leaves out: files that a browser lacks the means for, or those that only
/// a browser needs.
func leftOut(of name: String, _ path: String) -> [String] {
  if isForBrowser { return browserModules[name] ?? [] }
  let forBrowser = "\(Context.packageDirectory)/\(path)/Browser"
  return FileManager.default.fileExists(atPath: forBrowser) ? ["Browser"] : []
}

/// A module of the folder `Sources/FLOOR/NAME`.
func library(
  _ floor: String, _ name: String, _ dependencies: Target.Dependency...,
  settings: [SwiftSetting] = optimised
) -> Target {
  let path = "Sources/\(floor)/\(name)"
  return .target(
    name: name, dependencies: dependencies, path: path, exclude: leftOut(of: name, path),
    swiftSettings: settings)
}

/// The tests of a module, in the folder `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
    path: "Tests/\(name)Tests")
}

/// A chapter of the book: the module of its cells, `Sources/Chapters/Chapter1`, and its program,
/// `Sources/Chapters/chapter1-vit`.
func chapter(_ number: Int, _ name: String, _ dependencies: Target.Dependency...) -> [Target] {
  let module = "Chapter\(number)"
  let core: [Target.Dependency] = ["Notebook", "TensorCore"]
  let path = "Sources/Chapters/\(module)"
  let live = "\(Context.packageDirectory)/\(path)/Live"
  return [
    .target(
      name: module, dependencies: core + dependencies, path: path,
      exclude: FileManager.default.fileExists(atPath: live) ? ["Live"] : [],
      swiftSettings: optimised),
    .executableTarget(
      name: "chapter\(number)-\(name)", dependencies: [.byName(name: module)],
      path: "Sources/Chapters/chapter\(number)-\(name)", swiftSettings: optimised),
  ]
}

// Training on several processes or machines needs MPI, and the flags of its library:
// `MPI_FLAGS="$(pkg-config --cflags --libs ompi-c)" swift build`. (A trait of the package, or a module for the
// library, would compile most modules anew.)
let isForC = { (flag: String) in flag.hasPrefix("-I") || flag.hasPrefix("-D") }
let mpiFlags = (Context.environment["MPI_FLAGS"] ?? "").split(separator: " ").map(String.init)

// Learners' copies lack the solutions, and so the targets that depend on them.
let hasSolutions = FileManager.default.fileExists(
  atPath: "\(Context.packageDirectory)/Sources/Course/Solutions")

/// The files of a folder but some: a target that takes single files must exclude the others.
func files(of folder: String, but sources: [String]) -> [String] {
  let files = FileManager.default.enumerator(atPath: "\(Context.packageDirectory)/\(folder)")
  let paths = (files?.compactMap { $0 as? String } ?? []).filter { $0.contains(".") }
  return paths.filter { !sources.contains($0) }.sorted()
}

/// A target of single files in a folder of `Sources/Course`.
func single(
  _ name: String, _ dependencies: String..., folder: String, files sources: [String],
  isProgram: Bool = false
) -> Target {
  let path = "Sources/Course/\(folder)"
  let names = dependencies.map { Target.Dependency.byName(name: $0) }
  let others = files(of: path, but: sources)
  return isProgram
    ? .executableTarget(
      name: name, dependencies: names, path: path, exclude: others, sources: sources,
      swiftSettings: optimised)
    : .target(
      name: name, dependencies: names, path: path, exclude: others, sources: sources,
      swiftSettings: optimised)
}

/// A chapter's exercises: the module of the learner's file, and the program that answers for it. Each
/// is a module of its own, so that one that does not compile costs no other.
func exercises(_ number: Int) -> [Target] {
  [
    single(
      "Exercises\(number)", "CourseKit", "TensorCore", folder: "Exercises",
      files: ["Chapter\(number).swift", "Modules/Yours\(number).swift"]),
    single(
      "answers\(number)", "CourseKit", "Exercises\(number)", folder: "answers",
      files: ["Answers\(number).swift"], isProgram: true),
  ]
}

/// The targets of the copy with solutions only.
func teachers() -> [Target] {
  if !hasSolutions { return [] }
  return [
    library("Course", "Solutions", "CourseKit", "TensorCore"),
    library("Course", "Mutants", "CourseKit", "Solutions", "TensorCore"),
    .executableTarget(
      name: "graded-answers", dependencies: ["CourseKit", "Solutions", "TensorCore"],
      path: "Tests/GradedAnswers", swiftSettings: optimised),
    .testTarget(
      name: "GraderTests",
      dependencies: [
        "CourseKit", "Exercises", "Grading", "Mutants", "Solutions", "course", "my-dalle",
        "Evaluation", "StickerTraining", "CLIPTraining", "DALLETraining", "ClassifierTraining",
        "TextToImage", "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer", "MixedPrecision",
        "CaptionedImages", "Text", "Images", "Files", "GradientCompression", "Collectives",
        "NumberFormats", "Optimization", "NeuralNetwork", "Chapter1", "Chapter3", "TensorCore",
        "CProcess", "TestSupport",
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
    .library(name: "Optimization", targets: ["Optimization"]),
    .library(name: "Images", targets: ["Images"]),
    .library(name: "Sheets", targets: ["Sheets"]),
    .library(name: "PictureFiles", targets: ["PictureFiles"]),
    .library(name: "Checkpoints", targets: ["Checkpoints"]),
    // Data
    .library(name: "Text", targets: ["Text"]),
    .library(name: "TokenizerTraining", targets: ["TokenizerTraining"]),
    .library(name: "StickerWorld", targets: ["StickerWorld"]),
    .library(name: "CaptionedImages", targets: ["CaptionedImages"]),
    .library(name: "EmojiWorld", targets: ["EmojiWorld"]),
    // Models, and the trained ones
    .library(name: "VisionTransformer", targets: ["VisionTransformer"]),
    .library(name: "CLIP", targets: ["CLIP"]),
    .library(name: "DiscreteVAE", targets: ["DiscreteVAE"]),
    .library(name: "DALLE", targets: ["DALLE"]),
    .library(name: "TextToImage", targets: ["TextToImage"]),
    .library(name: "PublicWeights", targets: ["PublicWeights"]),
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
    .systemLibrary(
      name: "CJPEG", path: "Sources/System/CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    // Not compiled for this processor: it says when another lacks instructions.
    .target(name: "CProcessor", path: "Sources/System/CProcessor"),
    .target(
      name: "CSupport", dependencies: ["CProcessor"], path: "Sources/System/CSupport",
      exclude: leftOut(of: "CSupport", "Sources/System/CSupport"),
      cSettings: [.unsafeFlags(["-O2"] + (isForBrowser ? wasmFlags : vectorFlags))]),
    .target(name: "COpenBLASThreads", path: "Sources/System/COpenBLASThreads"),
    .target(name: "CProcess", path: "Sources/System/CProcess"),
    .target(
      name: "CPeaks", dependencies: ["CSupport"], path: "Sources/System/CPeaks",
      cSettings: [.unsafeFlags(["-O2"] + vectorFlags)]),
    .target(
      name: "CMPISupport", path: "Sources/System/CMPISupport",
      cSettings: [
        .unsafeFlags(["-O2"] + (mpiFlags.isEmpty ? [] : mpiFlags.filter(isForC) + ["-DWITH_MPI"]))
      ],
      linkerSettings: [.unsafeFlags(mpiFlags.filter { !isForC($0) })]),
    .target(name: "CPNGSupport", dependencies: ["CPNG"], path: "Sources/System/CPNGSupport"),
    .target(name: "CJPEGSupport", dependencies: ["CJPEG"], path: "Sources/System/CJPEGSupport"),
    // Core
    library("Core", "PlainKernels"),
    library("Core", "Vectors", "CSupport", settings: unchecked),
    library("Core", "Kernels", "Vectors", "CSupport", settings: unchecked),
    library("Core", "OptimizerKernels", "Kernels", "Vectors", settings: unchecked),
    library("Core", "TensorCore", "Kernels", "Vectors", "CSupport"),
    library("Core", "NeuralNetwork", "TensorCore"),
    library(
      "Core", "Optimization", "OptimizerKernels", "NeuralNetwork", "TensorCore", "Kernels"),
    library("Core", "LinearAlgebra", "TensorCore", "COpenBLAS", "COpenBLASThreads"),
    library("Core", "NumberFormats", "TensorCore", "Kernels", "Vectors"),
    library("Core", "Collectives", "CMPISupport"),
    library(
      "Core", "GradientCompression", "Collectives", "NumberFormats", "TensorCore", "Vectors"),
    library("Core", "Files"),
    library("Core", "Images", "TensorCore"),
    library("Core", "Sheets", "Images"),
    library("Core", "PictureFiles", "Images", "Files", "CPNG", "CPNGSupport", "CJPEGSupport"),
    library("Core", "Checkpoints", "Files", "NeuralNetwork", "TensorCore"),
    library("Core", "Commands", "Files", argumentParser),
    // Data
    library("Data", "Text", "Files", "TensorCore", "CSupport"),
    library("Data", "TokenizerTraining", "Text"),
    library("Data", "StickerWorld", "Sheets", "Images", "Files", "TensorCore"),
    library("Data", "CaptionedImages", "PictureFiles", "Images", "Files", "TensorCore"),
    library(
      "Data", "EmojiWorld", "CaptionedImages", "StickerWorld", "PictureFiles", "Images", "Files",
      "TensorCore"),
    // Models
    library("Models", "VisionTransformer", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "CLIP", "VisionTransformer", "Text", "Checkpoints", "Images", "NeuralNetwork",
      "TensorCore"),
    library(
      "Models", "DiscreteVAE", "Checkpoints", "Images", "Files", "NeuralNetwork", "TensorCore"),
    library("Models", "DALLE", "Text", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "TextToImage", "DALLE", "DiscreteVAE", "CLIP", "Checkpoints", "Text", "Images",
      "Files", "TensorCore"),
    library("Models", "DFGAN", "CLIP", "Text", "Checkpoints", "NeuralNetwork", "TensorCore"),
    library(
      "Models", "PublicWeights", "DiscreteVAE", "CLIP", "VisionTransformer", "Checkpoints",
      "NeuralNetwork", "TensorCore"),
    // Learning
    library(
      "Learning", "Training", "GradientCompression", "Collectives", "Optimization", "Checkpoints",
      "Files", "NeuralNetwork", "TensorCore", "Kernels"),
    library(
      "Learning", "ClassifierTraining", "Training", "VisionTransformer", "StickerWorld",
      "Checkpoints", "Optimization", "NeuralNetwork", "TensorCore"),
    library(
      "Learning", "DVAETraining", "Training", "DiscreteVAE", "CaptionedImages", "Checkpoints",
      "Optimization", "NeuralNetwork", "TensorCore"),
    library(
      "Learning", "DALLETraining", "Training", "Collectives", "Files", "DALLE", "DiscreteVAE",
      "CaptionedImages",
      "TokenizerTraining", "Text",
      "Checkpoints", "Optimization", "TensorCore"),
    library(
      "Learning", "MixedPrecision", "DALLE", "NumberFormats", "Optimization", "NeuralNetwork",
      "TensorCore"),
    library(
      "Learning", "CLIPTraining", "DALLETraining", "Training", "Collectives", "DALLE",
      "DiscreteVAE", "CLIP",
      "VisionTransformer", "CaptionedImages", "StickerWorld", "TokenizerTraining", "Text",
      "Checkpoints", "Images",
      "Optimization", "NeuralNetwork", "TensorCore"),
    library(
      "Learning", "GANTraining", "Training", "DFGAN", "CLIP", "CaptionedImages", "Checkpoints",
      "Optimization", "NeuralNetwork", "TensorCore"),
    library(
      "Learning", "StickerTraining", "DVAETraining", "CaptionedImages", "StickerWorld", "Images",
      "TensorCore"),
    // Judging
    library(
      "Judging", "StickerJudge", "Training", "StickerWorld", "Checkpoints", "Images",
      "Optimization", "NeuralNetwork", "TensorCore"),
    library(
      "Judging", "EmojiJudge", "Evaluation", "StickerJudge", "EmojiWorld", "Training",
      "Checkpoints", "Images", "Files", "NeuralNetwork", "TensorCore"),
    library(
      "Judging", "Evaluation", "StickerJudge", "VisionTransformer", "StickerWorld", "Images",
      "Files", "LinearAlgebra", "TensorCore"),
    // Pretrained
    .target(
      name: "Pretrained",
      dependencies: [
        "TextToImage", "DALLE", "DFGAN", "DiscreteVAE", "CLIP", "VisionTransformer", "Checkpoints",
        "Files",
      ],
      path: "Sources/Pretrained", resources: [.copy("Resources")], swiftSettings: optimised),
    // Chapters
    library(
      "Chapters", "Notebook", "Training", "Commands", "Checkpoints", "PictureFiles",
      "Images",
      "Files", "NeuralNetwork", "TensorCore", argumentParser),
    // Course
    library("Course", "CourseKit", "Files", "TensorCore"),
    .target(
      name: "Grading", dependencies: ["CourseKit", "Files", "TensorCore"],
      path: "Sources/Course/Grading",
      resources: [.copy("Resources")], swiftSettings: optimised),
    single(
      "Exercises", "CourseKit", "Exercises1", "Exercises2", "Exercises3", "Exercises4",
      "Exercises5", "Exercises6", folder: "Exercises", files: ["Modules/Yours.swift"]),
    single(
      "answers", "CourseKit", "Exercises", folder: "answers", files: ["Answers.swift"],
      isProgram: true),
    .executableTarget(
      name: "course",
      dependencies: ["CourseKit", "Grading", "Commands", "Files", "CProcess", argumentParser]
        + (hasSolutions ? ["Solutions", "Mutants"] : []),
      path: "Sources/Course/course",
      swiftSettings: optimised + (hasSolutions ? [.define("TEACHER")] : [])),
    .executableTarget(
      name: "my-dalle",
      dependencies: [
        "CourseKit", "Exercises", "Grading", "Pretrained", "Training", "TextToImage", "DALLE",
        "DiscreteVAE", "CLIP", "VisionTransformer", "Text", "Commands", "Sheets", "PictureFiles",
        "Images",
        "NeuralNetwork", "TensorCore", argumentParser,
      ], path: "Sources/Course/my-dalle", swiftSettings: optimised),
    // Tools
    .executableTarget(
      name: "demo",
      dependencies: [
        "Training", "StickerWorld", "Commands", "Checkpoints", "Sheets", "PictureFiles", "Images",
        "Optimization", "NeuralNetwork", "TensorCore", argumentParser,
      ], path: "Sources/Tools/demo", swiftSettings: optimised),
    .executableTarget(
      name: "benchmark",
      dependencies: [
        "CLIPTraining", "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer", "Commands", "Files",
        "Optimization", "NeuralNetwork", "TensorCore", "Kernels", "CSupport", "CPeaks",
        argumentParser,
      ],
      path: "Sources/Tools/benchmark", exclude: ["peers"], swiftSettings: optimised),
    library(
      "Tools", "BookModels", "ClassifierTraining", "CLIPTraining", "DVAETraining",
      "DALLETraining", "StickerTraining", "StickerJudge", "Training", "VisionTransformer", "CLIP",
      "DiscreteVAE", "DALLE", "Checkpoints", "Files", "Optimization", "NeuralNetwork",
      "TensorCore"),
    library(
      "Tools", "ReferenceTraces", "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer",
      "Checkpoints", "NeuralNetwork", "TensorCore"),
    // What the browser's page calls: see `make page`.
    .executableTarget(
      name: "page",
      dependencies: [
        "TextToImage", "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer", "StickerWorld", "Text",
        "Images", "NeuralNetwork", "TensorCore", "CSupport",
      ],
      path: "Sources/Tools/page", exclude: ["Web", "make-page"], swiftSettings: optimised,
      linkerSettings: [
        .unsafeFlags(browserLinking), .linkedLibrary("swiftUnicodeDataTables"),
      ]),
    // The module cannot have the name of the folder and the product: file systems that ignore case
    // would confuse it with DALLE.
    .executableTarget(
      name: "DalleCommand",
      dependencies: [
        "ReferenceTraces", "Pretrained", "BookModels", "Evaluation", "EmojiJudge", "StickerJudge",
        "StickerTraining",
        "CLIPTraining", "DALLETraining", "DVAETraining", "GANTraining", "ClassifierTraining",
        "Training", "GradientCompression", "Collectives", "Optimization", "TextToImage", "DALLE",
        "DFGAN", "DiscreteVAE", "CLIP", "VisionTransformer", "CaptionedImages",
        "EmojiWorld", "StickerWorld", "Text", "Commands", "Checkpoints", "Sheets", "PictureFiles",
        "Images",
        "Files",
        "TensorCore", argumentParser,
      ],
      path: "Sources/Tools/dalle", swiftSettings: optimised),
    // Tests
    .target(
      name: "TestSupport",
      dependencies: ["PictureFiles", "Images", "NeuralNetwork", "TensorCore", "Kernels"],
      path: "Tests/TestSupport"),
    tests("PlainKernels", "Optimization", "NeuralNetwork", "TensorCore", "Kernels", "TestSupport"),
    tests("TensorCore", "NeuralNetwork", "Kernels", "COpenBLAS", "TestSupport"),
    tests("NeuralNetwork", "Optimization", "TensorCore", "Kernels"),
    tests("Optimization", "NeuralNetwork", "TensorCore", "TestSupport"),
    tests("NumberFormats", "PlainKernels", "TensorCore"),
    tests(
      "GradientCompression", "Collectives", "NumberFormats", "TensorCore", "Kernels", "TestSupport"),
    tests(
      "PublicWeights", "DiscreteVAE", "CLIP", "VisionTransformer", "Checkpoints", "NeuralNetwork",
      "TensorCore", "TestSupport"),
    .testTarget(
      name: "ReadmeTests",
      dependencies: [
        "Evaluation", "EmojiJudge", "Pretrained", "EmojiWorld", "StickerWorld", "Optimization",
        "NeuralNetwork", "TensorCore",
      ],
      path: "Tests/ReadmeTests"),
    .testTarget(
      name: "ProgramTests", dependencies: ["CProcessor", "TestSupport"],
      path: "Tests/ProgramTests"),
    tests("LinearAlgebra", "TensorCore", "TestSupport"),
    tests("Images", "Sheets", "TensorCore", "TestSupport"),
    // Writes JPEG files of kinds that the package only reads.
    .target(name: "CJPEGWriting", dependencies: ["CJPEG"], path: "Tests/CJPEGWriting"),
    tests("PictureFiles", "Images", "Files", "TensorCore", "CJPEGWriting", "TestSupport"),
    tests("Text", "TokenizerTraining", "TensorCore", "TestSupport"),
    tests("StickerWorld", "Sheets", "Images", "TensorCore"),
    tests(
      "EmojiJudge", "EmojiWorld", "Training", "Checkpoints", "Images", "TensorCore", "TestSupport"),
    tests(
      "EmojiWorld", "StickerTraining", "CaptionedImages", "StickerWorld", "PictureFiles", "Images",
      "TensorCore", "TestSupport"),
    tests("Collectives"),
    tests("Files", "TestSupport"),
    tests("Checkpoints", "Files", "NeuralNetwork", "TensorCore", "TestSupport"),
    tests(
      "Training", "Collectives", "Checkpoints", "Files", "Optimization", "NeuralNetwork",
      "TensorCore", "Kernels", "TestSupport"),
    tests(
      "VisionTransformer", "ReferenceTraces", "ClassifierTraining", "Checkpoints", "NeuralNetwork",
      "TensorCore", "TestSupport"),
    tests(
      "CLIP", "ReferenceTraces", "CLIPTraining", "VisionTransformer", "Checkpoints",
      "TensorCore", "TestSupport"),
    tests(
      "CLIPTraining", "Collectives", "StickerTraining", "DALLETraining", "Training", "DALLE",
      "DiscreteVAE",
      "CLIP", "VisionTransformer", "CaptionedImages", "StickerWorld", "Text", "Checkpoints",
      "Images", "NeuralNetwork", "TensorCore", "TestSupport"),
    tests(
      "DALLE", "ReferenceTraces", "Text", "TokenizerTraining", "Checkpoints", "NeuralNetwork",
      "TensorCore", "Kernels", "TestSupport"),
    tests(
      "DALLETraining", "StickerTraining", "Training", "DALLE", "DiscreteVAE", "CaptionedImages",
      "EmojiWorld", "StickerWorld", "Text", "TokenizerTraining", "Checkpoints", "Images",
      "TensorCore", "TestSupport"),
    tests(
      "GANTraining", "DFGAN", "CLIPTraining", "CLIP", "VisionTransformer", "StickerTraining",
      "Training", "Text", "Checkpoints", "NeuralNetwork", "TensorCore", "TestSupport"),
    tests(
      "MixedPrecision", "DALLE", "NumberFormats", "Optimization", "NeuralNetwork", "TensorCore",
      "Kernels"),
    tests(
      "TextToImage", "Pretrained", "StickerTraining", "CLIPTraining", "DALLETraining", "DALLE",
      "DiscreteVAE", "CLIP", "StickerWorld", "TokenizerTraining", "Text", "Sheets", "Checkpoints",
      "Images", "TensorCore", "TestSupport"),
    tests(
      "DiscreteVAE", "ReferenceTraces", "Checkpoints", "Images", "TensorCore",
      "TestSupport"),
    tests(
      "DVAETraining", "StickerTraining", "Training", "DiscreteVAE", "CaptionedImages",
      "StickerWorld", "TensorCore", "TestSupport"),
    tests(
      "ClassifierTraining", "Training", "VisionTransformer", "StickerWorld", "Checkpoints",
      "TensorCore", "TestSupport"),
    tests(
      "StickerJudge", "Training", "Checkpoints", "Pretrained", "StickerWorld", "Images",
      "TensorCore",
      "TestSupport"),
    tests(
      "Evaluation", "Pretrained", "StickerJudge", "ClassifierTraining", "VisionTransformer",
      "StickerWorld", "Images", "LinearAlgebra", "TensorCore", "TestSupport"),
    .testTarget(
      name: "PageTests",
      dependencies: [
        "Pretrained", "TextToImage", "DALLE", "CLIP", "VisionTransformer", "StickerWorld", "Text",
        "Images", "NeuralNetwork", "TensorCore", "TestSupport",
      ], path: "Tests/PageTests"),
    .executableTarget(
      name: "training-probe",
      dependencies: ["Training", "Checkpoints", "Optimization", "NeuralNetwork", "TensorCore"],
      path: "Tests/TrainingProbe", swiftSettings: optimised),
    tests(
      "CaptionedImages", "StickerTraining", "StickerWorld", "PictureFiles", "Images", "TensorCore",
      "TestSupport"),
    tests(
      "DalleCommand", "BookModels", "Training", "Pretrained", "EmojiJudge", "StickerJudge",
      "StickerTraining",
      "CLIPTraining",
      "DALLETraining", "DALLE",
      "DFGAN", "TextToImage", "DiscreteVAE", "CLIP", "CaptionedImages", "EmojiWorld",
      "StickerWorld",
      "TokenizerTraining",
      "Text",
      "Checkpoints",
      "PictureFiles", "Images", "TensorCore", "TestSupport"),
    tests(
      "benchmark", "DALLE", "DiscreteVAE", "CLIP", "VisionTransformer", "NeuralNetwork",
      "TensorCore"),
    .testTarget(
      name: "ExerciseTests", dependencies: ["CourseKit", "Exercises", "Grading"],
      path: "Tests/ExerciseTests"),
    tests(
      "Notebook", "Training", "PictureFiles", "Images", "NeuralNetwork", "TensorCore", "TestSupport"
    ),
    .testTarget(
      name: "ChapterTests",
      dependencies: [
        "Chapter0", "Chapter1", "Chapter2", "Chapter3", "Chapter4", "Chapter5", "Chapter6",
        "Chapter7", "Chapter8", "Notebook", "TensorCore", "TestSupport",
      ],
      path: "Tests/ChapterTests"),
  ]
    + teachers()
    + exercises(1) + exercises(2) + exercises(3) + exercises(4) + exercises(5) + exercises(6)
    + chapter(
      0, "map", "Images", "Pretrained", "StickerJudge", "StickerWorld", "TextToImage",
      "Optimization", "NeuralNetwork")
    + chapter(
      1, "vit", "Images", "Pretrained", "ClassifierTraining", "Training", "VisionTransformer",
      "StickerWorld", "Checkpoints", "LinearAlgebra", "Optimization", "NeuralNetwork")
    + chapter(
      2, "clip", "Images", "Pretrained", "CLIPTraining", "ClassifierTraining", "Training", "CLIP",
      "VisionTransformer", "StickerWorld", "Checkpoints", "Optimization", "NeuralNetwork")
    + chapter(
      3, "dvae", "Images", "Pretrained", "StickerTraining", "DVAETraining", "ClassifierTraining",
      "Training", "VisionTransformer",
      "DiscreteVAE", "CaptionedImages", "StickerWorld", "Checkpoints", "Optimization",
      "NeuralNetwork")
    + chapter(
      4, "sparse-attention", "Images", "Pretrained", "StickerJudge", "StickerTraining",
      "DALLETraining", "Evaluation",
      "ClassifierTraining", "Training", "DALLE", "DiscreteVAE", "VisionTransformer", "StickerWorld",
      "Checkpoints", "Optimization", "NeuralNetwork")
    + chapter(
      5, "reranking", "Images", "Pretrained", "Evaluation", "StickerJudge", "ClassifierTraining",
      "TextToImage", "DALLE", "DFGAN", "DiscreteVAE", "VisionTransformer", "StickerWorld",
      "Checkpoints")
    + chapter(
      7, "yardsticks", "Chapter5", "Images", "Pretrained", "Evaluation", "StickerJudge",
      "CLIPTraining", "DALLETraining", "StickerTraining", "ClassifierTraining", "TextToImage",
      "DALLE", "DFGAN", "CLIP", "StickerWorld", "Checkpoints")
    + chapter(
      8, "your-pictures", "Pretrained", "Evaluation", "EmojiJudge", "DALLETraining",
      "DVAETraining", "Training", "TextToImage", "DALLE", "DiscreteVAE", "EmojiWorld", "Text",
      "Checkpoints", "CaptionedImages", "Images", "PictureFiles", "Files")
    + chapter(
      6, "at-scale", "Chapter4", "CaptionedImages", "MixedPrecision", "DALLE", "StickerWorld",
      "Training", "GradientCompression", "Collectives", "NumberFormats", "LinearAlgebra",
      "Optimization",
      "NeuralNetwork", "Kernels")
)

if isForBrowser {
  package.products = []
  package.dependencies = []
  package.targets.removeAll { browserModules[$0.name] == nil }
  for target in package.targets {
    target.dependencies.removeAll {
      if case .byNameItem(let name, _) = $0 { browserModules[name] == nil } else { true }
    }
  }
} else {
  package.targets.removeAll { $0.name == "page" }
}
