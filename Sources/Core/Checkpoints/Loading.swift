import Files
import Foundation
import NeuralNetwork
import TensorCore

extension SafetensorsFile {
  /// Fills tensors with those of the file whose names are `prefix` + their own.
  ///
  ///     try file.load(into: model.tensors, prefix: "param.")
  ///
  /// All names and shapes are checked first. Tensors of the file for whose names `isIgnored`
  /// returns true are left alone.
  ///
  /// Throws a `CheckpointError` that lists what differs, and changes nothing, if a tensor is
  /// missing, has another shape or holds no floats, or if the file has another one under `prefix`.
  public func load(
    into tensors: [(name: String, tensor: Tensor)], prefix: String = "",
    ignoring isIgnored: (String) -> Bool = { _ in false }
  ) throws(CheckpointError) {
    var missing: [String] = []
    var different: [String] = []
    var unused = Set(names.filter { $0.hasPrefix(prefix) && !isIgnored($0) })
    for (name, tensor) in tensors {
      guard unused.remove(prefix + name) != nil else {
        missing.append(quoted(name))
        continue
      }
      let info = try info(prefix + name)
      if info.shape != tensor.shape {
        different.append("\(quoted(name)): \(info.shape) in the file, \(tensor.shape) here")
      } else if !info.type.isFloat {
        different.append("\(quoted(name)): \(info.type.rawValue) in the file, floats here")
      }
    }
    try require(missing, unknown: names.filter(unused.contains).map(quoted), different, in: path)
    for (name, tensor) in tensors { try read(prefix + name, into: tensor) }
  }
}

extension SafetensorsFile {
  /// The value of the JSON in the metadata's entry `config`.
  ///
  /// Throws a `CheckpointError` that says what is missing or wrong in it.
  public func config<Config: Decodable>(
    _: Config.Type = Config.self
  ) throws(CheckpointError) -> Config {
    guard let json = metadata["config"] else {
      throw .mismatch(
        file: path, reason: "its metadata have no \"config\", the architecture as JSON")
    }
    return try parse(json: Data(json.utf8), of: path)
  }
}

extension SafetensorsFile {
  /// Checks that the file is large enough for a model of `count` numbers. Configurations come from
  /// unknown sources: one that claims more is refused before memory is allocated for it.
  ///
  /// Throws a `CheckpointError` if it is not.
  public func check(parameters count: Double) throws(CheckpointError) {
    try requireRoom(for: count, in: byteCount, path)
  }
}

/// Throws unless `byteCount` bytes can hold a model of `count` numbers, of 2 bytes or more each.
package func requireRoom(
  for count: Double, in byteCount: Int, _ path: String
) throws(CheckpointError) {
  guard 2 * count <= Double(byteCount) else {
    throw .mismatch(
      file: path,
      reason: "its config describes a model of \(count) numbers, which are not in these "
        + "\(byteCount) bytes")
  }
}

/// Throws a list of what differs, if anything does.
package func require(
  _ missing: [String], unknown: [String], _ different: [String], in path: String
) throws(CheckpointError) {
  let differences = [
    list(missing, one: "tensor is missing", many: "tensors are missing"),
    list(unknown, one: "tensor is unknown", many: "tensors are unknown"),
    list(different, one: "tensor differs", many: "tensors differ"),
  ].compactMap(\.self)
  guard differences.isEmpty else {
    throw .mismatch(
      file: path, reason: "does not fit this model: \(differences.joined(separator: "; "))")
  }
}

/// The value in the JSON file at `path`, for instance in the `config.json` of a public model.
///
/// Throws a `CheckpointError` that says what is missing or wrong if it cannot be read.
public func readConfig<Config: Decodable>(
  _: Config.Type = Config.self, from path: String, limit: Int = 1 << 20
) throws(CheckpointError) -> Config {
  let bytes: [UInt8]
  do throws(FileError) {
    bytes = try readFile(path, limit: limit)
  } catch {
    throw .mismatch(file: path, reason: "cannot be read (\(error.reason)); expected a JSON file")
  }
  if let kind = foreignKind(ofFileBeginning: bytes) {
    throw .mismatch(file: path, reason: "\(kind); expected a JSON file")
  }
  return try parse(json: Data(bytes), of: path)
}

private func parse<Config: Decodable>(
  json: Data, of path: String
) throws(CheckpointError) -> Config {
  do {
    return try decode(Config.self, json)
  } catch {
    throw .mismatch(file: path, reason: "its config does not fit (\(jsonFlaw(error, in: json)))")
  }
}

/// "5 tensors are missing (a, b, c, …)"; nil for none.
private func list(_ items: [String], one: String, many: String) -> String? {
  if items.isEmpty { return nil }
  let shown = items.prefix(3) + (items.count > 3 ? ["…"] : [])
  return "\(items.count) \(items.count == 1 ? one : many) (\(shown.joined(separator: ", ")))"
}
