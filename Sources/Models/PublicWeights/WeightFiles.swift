// Weights that other programs saved: in one safetensors file, or in several ("shards") with an
// index, under names that may begin with those of whatever the model was a part of.

import Checkpoints
import Foundation
import TensorCore

/// The tensors of a public model, in one file or in shards.
public struct WeightFiles {
  /// The path that errors name: the file's or the index's.
  public let path: String
  private let files: [String: SafetensorsFile]
  /// The file of each tensor.
  private let places: [String: SafetensorsFile]

  /// The names of all tensors.
  public var names: Dictionary<String, SafetensorsFile>.Keys { places.keys }
  /// The number of bytes of all tensors together.
  public var byteCount: Int { files.values.reduce(0) { $0 + $1.byteCount } }

  /// Opens the file at `path`; if there is none, the shards of the index beside it, which is called
  /// like it with `.index.json` at the end. The path may also be that of the index, or of a shard
  /// `NAME-00001-of-00002.safetensors` of one.
  ///
  /// Throws a `CheckpointError` if a file is missing or damaged, or if index and shards disagree.
  public init(_ path: String) throws(CheckpointError) {
    let stem = path.replacing(/-\d+-of-\d+\.safetensors$/, with: ".safetensors")
    let index = path.hasSuffix(".json") ? path : "\(stem).index.json"
    let exists = FileManager.default.fileExists(atPath:)
    if index == path || exists(index) && (stem != path || !exists(path)) {
      try self.init(index: index)
    } else {
      let file = try SafetensorsFile(path)
      self.init(
        path: path, files: [path: file],
        places: Dictionary(uniqueKeysWithValues: file.names.map { ($0, file) }))
    }
  }

  private init(
    path: String, files: [String: SafetensorsFile], places: [String: SafetensorsFile]
  ) {
    self.path = path
    self.files = files
    self.places = places
  }

  private init(index: String) throws(CheckpointError) {
    struct Index: Decodable {
      let shards: [String: String]
      enum CodingKeys: String, CodingKey { case shards = "weight_map" }
    }
    let shards = try readConfig(Index.self, from: index, limit: 64 << 20).shards
    var files: [String: SafetensorsFile] = [:]
    var places: [String: SafetensorsFile] = [:]
    for shard in Set(shards.values).sorted() {
      guard !shard.contains("/"), shard.hasSuffix(".safetensors") else {
        throw .mismatch(file: index, reason: "\(quoted(shard)) is no .safetensors file beside it")
      }
      files[shard] = try SafetensorsFile(sibling(shard, of: index))
    }
    for (name, shard) in shards {
      guard let file = files[shard], file.contains(name) else {
        throw .mismatch(
          file: index, reason: "there is no tensor \(quoted(name)) in \(quoted(shard)), as it says")
      }
      places[name] = file
    }
    self.init(path: index, files: files, places: places)
  }

  /// The type and shape of the tensor `name`.
  ///
  /// Throws a `CheckpointError` if there is none.
  public func info(_ name: String) throws(CheckpointError) -> TensorInfo {
    guard let file = places[name] else {
      throw .mismatch(file: path, reason: "there is no tensor \(quoted(name)) in it")
    }
    return try file.info(name)
  }

  /// The tensor `name` as floats, in the shape that the file gives it.
  ///
  /// Throws a `CheckpointError` if there is none, or if it holds no floats.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    _ = try info(name)
    return try places[name]!.tensor(name)
  }

  /// What stands before `anchor`, the end of one tensor's name: "model." of
  /// "model.embeddings.cls_token". Nil if no name ends so.
  ///
  /// Throws a `CheckpointError` if several do: it is not clear which model is meant.
  public func prefix(before anchor: String) throws(CheckpointError) -> String? {
    let found = names.filter { $0 == anchor || $0.hasSuffix(".\(anchor)") }.sorted()
    if found.count > 1 {
      throw .mismatch(
        file: path,
        reason: "holds more than one such model: "
          + found.prefix(3).map(quoted).joined(separator: ", "))
    }
    return found.first.map { String($0.dropLast(anchor.count)) }
  }

  /// Fills tensors with those of their names. What belongs to other parts of a model, or is a
  /// buffer of whole numbers, is left alone; but floats for whose names `isPart` returns true must
  /// all be used.
  ///
  /// Throws a `CheckpointError` that lists what differs, and changes nothing, if a tensor is
  /// missing, has another shape or holds no floats, or if one is left over.
  public func load(
    into tensors: [(name: String, tensor: Tensor)], part isPart: (String) -> Bool
  ) throws(CheckpointError) {
    var unused = places.filter { name, file in
      isPart(name) && !Self.isBuffer(name) && (try? file.info(name).type.isFloat) == true
    }
    var (missing, different): ([String], [String]) = ([], [])
    for (name, tensor) in tensors {
      unused[name] = nil
      guard let info = try places[name]?.info(name) else {
        missing.append(quoted(name))
        continue
      }
      if info.shape != tensor.shape {
        different.append("\(quoted(name)): \(info.shape) in the file, \(tensor.shape) here")
      } else if !info.type.isFloat {
        different.append("\(quoted(name)): \(info.type.rawValue) in the file, floats here")
      }
    }
    try require(missing, unknown: unused.keys.sorted().map(quoted), different, in: path)
    for (name, tensor) in tensors { try places[name]?.read(name, into: tensor) }
  }

  /// Buffers of floats: masks, which follow from the sizes.
  private static func isBuffer(_ name: String) -> Bool {
    [".attn_mask", ".masked_bias", ".mask_token", ".position_ids", ".causal_mask"]
      .contains { name.hasSuffix($0) } || name == "attn_mask"
  }

  /// Checks that the files are large enough for a model of `count` numbers, before memory is
  /// allocated for it.
  ///
  /// Throws a `CheckpointError` if they are not.
  public func check(parameters count: Double) throws(CheckpointError) {
    try requireRoom(for: count, in: byteCount, path)
  }

  /// Checks that a table of positions, a row of D numbers for each, has the shape of the model's.
  ///
  /// Throws a `CheckpointError` that says what a different number of rows means.
  public func check(positions name: String, in shape: [Int]) throws(CheckpointError) {
    guard names.contains(name) else { return }
    let found = try info(name).shape
    guard found.count == shape.count, found.last == shape.last, found != shape else { return }
    throw .mismatch(
      file: path,
      reason: "\(quoted(name)) has \(found[found.count - 2]) positions, but pictures or captions "
        + "of the sizes in its config have \(shape[shape.count - 2]); give the weights the config "
        + "that they were published with")
  }

  /// The configuration in the file `name` beside the weights.
  ///
  /// Throws a `CheckpointError` that says what is missing or wrong if it cannot be read.
  public func config<Config: Decodable>(
    _: Config.Type = Config.self, in name: String = "config.json"
  ) throws(CheckpointError) -> Config {
    try readConfig(Config.self, from: beside(name))
  }

  /// Whether there is a file `name` in the folder of the weights.
  public func exists(beside name: String) -> Bool {
    FileManager.default.fileExists(atPath: beside(name))
  }

  /// The path of the file `name` in the folder of the weights.
  public func beside(_ name: String) -> String { sibling(name, of: path) }
}

private func sibling(_ name: String, of path: String) -> String {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  return (folder + [name[...]]).joined(separator: "/")
}
