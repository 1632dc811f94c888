// swift-tools-version: 6.2
import PackageDescription

// A package that uses this one, as the README says. `Tests/use-as-library.sh` builds and runs it.

/// A folder, the one above unless `DALLE_PATH` names another, or a tag of the Git repository
/// `DALLE_URL`.
let dalle: Package.Dependency =
  if let url = Context.environment["DALLE_URL"] {
    .package(url: url, exact: "0.0.0-test")
  } else {
    .package(name: "dalle", path: Context.environment["DALLE_PATH"] ?? "../..")
  }

let package = Package(
  name: "UseAsLibrary",
  platforms: [.macOS(.v15)],
  dependencies: [dalle],
  targets: [
    .executableTarget(
      name: "learn",
      dependencies: [
        .product(name: "NeuralNetwork", package: "dalle"),
        .product(name: "Optimization", package: "dalle"),
        .product(name: "TensorCore", package: "dalle"),
      ]),
    .executableTarget(
      name: "draw",
      dependencies: [
        .product(name: "Pretrained", package: "dalle"),
        .product(name: "PictureFiles", package: "dalle"),
      ]),
  ]
)
