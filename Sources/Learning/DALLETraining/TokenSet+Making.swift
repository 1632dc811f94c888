// How a token set is made: part by part, so that hours of work survive being stopped.

import CaptionedImages
import Checkpoints
import DiscreteVAE
import Foundation
import TensorCore
import Training

extension TokenSet {
  /// Encodes `count` pictures of a source with a dVAE and stores their codes and captions at
  /// `path`. What an earlier call had done when it was stopped is taken over.
  ///
  /// - Parameters:
  ///   - isSampled: Whether codes are drawn from the posterior, which keeps a model from memorising
  ///     a small set; otherwise they are the most probable ones.
  ///   - progress: Called with the number of pictures done, first with those taken over.
  /// - Throws: What the source throws; a `CheckpointError` if `count` is below 1, if the pictures do
  ///   not become whole squares of the dVAE's, or if the file cannot be written; a `TrainingError`
  ///   if the user stops the program or the disk is too small.
  public static func make(
    _ source: some PairSource, called name: String, count: Int, _ dvae: DiscreteVAE,
    isSampled: Bool = false, seed: UInt64, to path: String,
    progress: (_ pictures: Int) -> Void = { _ in }
  ) throws {
    let f = dvae.configuration.factor
    guard count > 0, source.size % f == 0 else {
      throw CheckpointError.unwritable(
        file: path,
        reason: count > 0
          ? "pictures of \(source.size)×\(source.size) pixels do not become whole squares of "
            + "\(f)×\(f), which this dVAE encodes" : "there are \(count) pictures to encode")
    }
    let side = source.size / f
    let batches = Batches(source, batchSize: 64, seed: seed)
    let chance = Random(seed: seed).split("codes")
    try make(
      count, grid: (side, side), called: name, encoderHash: dvae.encoderHash, partsOf: 64, to: path,
      progress: progress
    ) { part in
      let step = part.lowerBound / 64
      let batch = try batches.batch(step)
      let pictures = batch.pictures.sliced(axis: 0, 0..<part.count)
      let captions = Array(batch.captions.prefix(part.count))
      if isSampled {
        var random = chance.split(step)
        return (dvae.sample(pictures, using: &random).values, captions)
      }
      return (dvae.encode(pictures).values, captions)
    }
  }

  /// Makes a set of `count` pairs from parts of `size` pairs, each of which depends on its range
  /// only. Ctrl-C stops between two parts: what is done is kept beside `path`, and the next call
  /// goes on there. It is also kept once a minute.
  ///
  /// - Parameters:
  ///   - grid: The rows and columns of codes of each picture.
  ///   - progress: Called with the number of pairs done, first with those taken over.
  ///   - part: Returns the codes and captions of the pairs of a range.
  /// - Throws: What `part` throws; a `CheckpointError` if a file cannot be written; a
  ///   `TrainingError` if the user stops the program or the disk is too small.
  public static func make(
    _ count: Int, grid: (rows: Int, columns: Int), called name: String, encoderHash: String,
    partsOf size: Int, to path: String, progress: (_ pairs: Int) -> Void = { _ in },
    part: (Range<Int>) throws -> (codes: [Int32], captions: [String])
  ) throws {
    let (rows, columns) = grid
    let kept = partPath(of: path)
    let keptName = "part of \(count): \(name)"
    var (codes, captions) = try begun(kept, keptName, encoderHash, grid, size)
    func store(_ name: String, at path: String) throws(CheckpointError) {
      let shape = [captions.count, rows, columns]
      try write(
        IndexTensor(shape: shape, codes), captions, called: name, encoderHash: encoderHash,
        to: path)
    }
    // Codes and ends of captions in 4 bytes, captions of about 60; the part beside the whole.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try checkRoom(
      for: 2 * count * (4 * rows * columns + 64), in: folder, free: freeSpace(at: folder))
    progress(captions.count)
    try stoppable { isStopping in
      var saved = ContinuousClock.now
      for range in (captions.count..<count).parts(of: size) {
        let (someCodes, someCaptions) = try part(range)
        codes += someCodes
        captions += someCaptions
        progress(captions.count)
        if captions.count == count { break }
        if isStopping() || ContinuousClock.now - saved > .seconds(60) {
          try store(keptName, at: kept)
          saved = .now
        }
        if isStopping() {
          throw TrainingError.interrupted(
            done: captions.count, steps: count, unit: "picture", state: kept)
        }
      }
    }
    try store(name, at: path)
    unlink(kept)
  }

  /// Where a part of the set at `path` is kept: "tokens-part.safetensors" for "tokens.safetensors".
  static func partPath(of path: String) -> String {
    let stem = path.hasSuffix(".safetensors") ? String(path.dropLast(12)) : path
    return "\(stem)-part.safetensors"
  }

  /// The codes and captions of the part at `path`; none if there is none, or one of another set.
  private static func begun(
    _ path: String, _ name: String, _ encoderHash: String, _ grid: (rows: Int, columns: Int),
    _ size: Int
  ) throws(CheckpointError) -> (codes: [Int32], captions: [String]) {
    guard FileManager.default.fileExists(atPath: path) else { return ([], []) }
    let part = try TokenSet(path)
    guard part.source == name, part.encoderHash == encoderHash,
      (part.rows, part.columns) == (grid.rows, grid.columns), part.count % size == 0
    else { return ([], []) }
    var captions: [String] = []
    for index in 0..<part.count { captions.append(try part.caption(at: index)) }
    return (try part.file.integers("codes").values, captions)
  }

  /// Stores codes [n, h, w] and their captions at `path`.
  ///
  /// Throws a `CheckpointError` if the file cannot be written.
  public static func write(
    _ codes: IndexTensor, _ captions: [String], called name: String, encoderHash: String,
    to path: String
  ) throws(CheckpointError) {
    precondition(
      codes.shape.count == 3 && codes.shape[0] == captions.count,
      "codes \(codes.shape) do not go with \(captions.count) captions")
    var (bytes, ends): ([Int32], [Int32]) = ([], [])
    for caption in captions {
      bytes += caption.utf8.map { Int32($0) }
      guard let end = Int32(exactly: bytes.count) else {
        throw .unwritable(
          file: path, reason: "the captions have more than 2 GiB; train on fewer pictures")
      }
      ends.append(end)
    }
    let (rows, columns) = (codes.shape[1], codes.shape[2])
    try writeSafetensors(
      [
        (
          "codes",
          .integers(
            IndexTensor(shape: [captions.count, rows * columns], codes.values), as: .i32)
        ),
        ("captions", .integers(IndexTensor(bytes), as: .u8)),
        ("ends", .integers(IndexTensor(ends), as: .i32)),
      ],
      metadata: [
        "format": format, "rows": "\(rows)", "columns": "\(columns)", "source": name,
        ModelCard.encoderHash: encoderHash,
      ], to: path)
  }
}
