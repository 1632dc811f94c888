// A training set as tokens, so that pictures go through the dVAE once and not in every step.

import CaptionedImages
import Checkpoints
import DiscreteVAE
import Foundation
import TensorCore

/// Captions and the codes of their pictures, in a file that is mapped into memory, so that a step
/// reads only the rows that it needs.
///
/// The file is safetensors: `codes` [n, N]; `captions`, the bytes of all captions; and `ends` [n],
/// where each caption ends.
public struct TokenSet: Sendable {
  /// n, the number of pairs.
  public let count: Int
  /// The grid of each picture, h and w.
  public let rows, columns: Int
  /// The hash of the encoder that made the codes.
  public let encoderHash: String
  /// The name of the pairs' source.
  public let source: String
  let file: SafetensorsFile
  private let ends: [Int32]

  static let format = "dalle-tokens-1"

  /// Opens the file at `path`.
  ///
  /// Throws a `CheckpointError` if it cannot be read or is not a token set.
  public init(_ path: String) throws(CheckpointError) {
    file = try SafetensorsFile(path)
    let about = file.metadata
    guard about["format"] == Self.format, let rows = about["rows"].flatMap({ Int($0) }),
      let columns = about["columns"].flatMap({ Int($0) }),
      let encoderHash = about[ModelCard.encoderHash]
    else {
      throw .mismatch(file: path, reason: "is not a token set written by this program")
    }
    let shape = try file.info("codes").shape
    ends = try file.integers("ends").values
    let bytes = try file.info("captions").shape
    let (whole, isOver) = rows.multipliedReportingOverflow(by: columns)
    let ascends = zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }
    guard try file.info("captions").type == .u8, rows > 0, columns > 0, !isOver, shape.count == 2,
      shape[0] > 0, shape[1] == whole,
      ends.count == shape[0], ascends, ends[0] >= 0, bytes == [Int(ends[ends.count - 1])]
    else {
      throw .mismatch(file: path, reason: "its codes and captions do not match")
    }
    count = shape[0]
    self.rows = rows
    self.columns = columns
    self.encoderHash = encoderHash
    source = about["source"] ?? ""
  }

  /// Throws a `CheckpointError` unless every picture has rows × columns codes, all in
  /// 0 ..< vocabulary: what a model can be trained on.
  public func check(rows: Int, columns: Int, vocabulary: Int) throws(CheckpointError) {
    guard (rows, columns) == (self.rows, self.columns) else {
      throw .mismatch(
        file: file.path,
        reason:
          "holds \(self.rows)×\(self.columns) codes a picture, the model has \(rows)×\(columns)")
    }
    for part in (0..<count).parts(of: 4096) {
      let codes = try file.integers("codes", rows: part).values
      if let code = codes.first(where: { !(0..<vocabulary).contains(Int($0)) }) {
        throw .mismatch(
          file: file.path, reason: "holds the code \(code), and the model knows 0 ..< \(vocabulary)"
        )
      }
    }
  }

  /// The codes [N] of pair number `index`, row by row.
  ///
  /// Throws a `CheckpointError` if the file cannot be read.
  public func codes(at index: Int) throws(CheckpointError) -> [Int32] {
    try file.integers("codes", rows: index..<index + 1).values
  }

  /// The caption of pair number `index`.
  ///
  /// Throws a `CheckpointError` if the file cannot be read.
  public func caption(at index: Int) throws(CheckpointError) -> String {
    let start = index == 0 ? 0 : Int(ends[index - 1])
    let bytes = try file.integers("captions", rows: start..<Int(ends[index])).values
    return String(decoding: bytes.map { UInt8($0) }, as: UTF8.self)
  }
}
