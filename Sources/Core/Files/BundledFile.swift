import Foundation

/// The path of a file that comes with a module: among the resources beside the program, where builds
/// put them, or else in the module's sources.
///
/// `Bundle.module` would stop the program where neither is there.
///
/// - Parameters:
///   - path: Its path from the folder of the module, such as "Resources/vit.safetensors".
///   - module: The name of the module.
///   - source: A source file in the folder of the module.
///
/// Throws a `FileError` that says where it was looked for.
public func bundledFile(
  _ path: String, of module: String, source: String = #filePath
) throws(FileError) -> String {
  let program = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? Bundle.main.bundleURL
  let folder = program.deletingLastPathComponent()
  #if os(macOS)
    let bundle = "DALLE_\(module).bundle"
  #else
    let bundle = "DALLE_\(module).resources"
  #endif
  let places = [
    folder.appending(path: bundle), URL(filePath: source).deletingLastPathComponent(),
  ].map { $0.appending(path: path).path(percentEncoded: false) }
  if let found = places.first(where: FileManager.default.fileExists) { return found }
  throw .unreadable(
    file: places[0],
    reason: "the folder \(bundle) belongs beside the program; \(places[1]) is not there either")
}
