// A picture as a file of tokens.

import Files
import Foundation
import TensorCore

/// A picture's tokens and all that is needed to decode them. As a file it is JSON:
///
///     {"codebook": 1024, "columns": 16, "encoder_sha256": "…", "height": 64, "rows": 16,
///      "tokens": [812, 3, …], "width": 64}
public struct PictureTokens: Codable, Equatable, Sendable {
  /// Columns and rows of pixels; the part of the last squares beyond them is cut off.
  public let width, height: Int
  /// Places of the grid, h and w.
  public let rows, columns: Int
  /// K, codes of the codebook.
  public let codebook: Int
  /// The hash of the encoder that made them.
  public let encoderHash: String
  /// Codes, row by row.
  public let tokens: [Int32]

  private enum CodingKeys: String, CodingKey {
    case width, height, rows, columns, codebook, tokens
    case encoderHash = "encoder_sha256"
  }

  /// The codes, [h, w].
  public var grid: IndexTensor { IndexTensor(shape: [rows, columns], tokens) }

  /// The tokens of a picture of width × height pixels, as codes [h, w].
  public init(_ grid: IndexTensor, width: Int, height: Int, codebook: Int, encoderHash: String) {
    self.width = width
    self.height = height
    (rows, columns) = (grid.shape[0], grid.shape[1])
    self.codebook = codebook
    self.encoderHash = encoderHash
    tokens = grid.values
  }

  /// Reads the file at `path`, for a dVAE of this configuration whose encoder has the hash
  /// `encoderHash`.
  ///
  /// Throws a `TokensError` if the file cannot be read, is not a file of tokens, or belongs to
  /// another dVAE.
  public init(
    from path: String, for configuration: DVAEConfiguration, encoderHash: String
  ) throws(TokensError) {
    func wrong(_ reason: String) -> TokensError { TokensError(file: path, reason: reason) }
    do {
      let bytes = try readFile(path, limit: 1 << 28)
      self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    } catch let error as FileError {
      throw TokensError(error)
    } catch {
      throw wrong("it is not a file written by dalle encode")
    }
    guard codebook == configuration.vocabulary else {
      throw wrong(
        "its codebook has \(codebook) codes, this dVAE's has \(configuration.vocabulary); name "
          + "the dVAE that made the tokens with --model")
    }
    guard self.encoderHash == encoderHash else {
      throw wrong(
        "its tokens were made by another dVAE (its encoder's hash is "
          + "\(self.encoderHash.prefix(12))…) than this one (\(encoderHash.prefix(12))…); name "
          + "that one with --model")
    }
    let f = configuration.factor
    guard (1...1 << 20).contains(rows), (1...1 << 20).contains(columns),
      rows * columns == tokens.count
    else {
      throw wrong("it has \(tokens.count) tokens for a grid of \(rows)×\(columns)")
    }
    // Every row and column of squares has a pixel in the picture.
    guard ((rows - 1) * f + 1...rows * f).contains(height),
      ((columns - 1) * f + 1...columns * f).contains(width)
    else {
      throw wrong(
        "its grid of \(rows)×\(columns) does not make a picture of \(width)×\(height) pixels")
    }
    if let token = tokens.first(where: { !(0..<Int32(codebook)).contains($0) }) {
      throw wrong("token \(token) is outside the codebook 0 ..< \(codebook)")
    }
  }

  /// Writes the file at `path`.
  ///
  /// Throws a `TokensError` if it cannot be written.
  public func write(to path: String) throws(TokensError) {
    do {
      try AtomicFile.write(Array(try JSONEncoder.sorted.encode(self)), to: path)
    } catch let error as FileError {
      throw TokensError(error)
    } catch {
      throw TokensError(file: path, reason: "\(error)")
    }
  }
}

/// Why a file of tokens cannot be used. `description` is one sentence for the user.
public struct TokensError: Error, Equatable, CustomStringConvertible {
  let file, reason: String

  /// The file and what is wrong with it.
  public var description: String { "\(file): \(reason)" }

  init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason):
      self.init(file: file, reason: "cannot be read (\(reason))")
    case .unwritable(let file, let reason):
      self.init(file: file, reason: "cannot be written (\(reason))")
    }
  }
}
