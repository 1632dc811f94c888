import Checkpoints
import Files
import TensorCore

/// Writes a tensor to a file in the format of its name: `.npy`, `.safetensors`, or else text that
/// NumPy's `loadtxt` reads.
func dump(_ name: String, _ value: StoredTensor, to path: String) throws {
  if path.hasSuffix(".safetensors") {
    try writeSafetensors([(name, value)], to: path)
  } else if path.hasSuffix(".npy") {
    try write(npy(value), to: path)
  } else {
    try write(Array(plainText(name, value).utf8), to: path)
  }
}

/// The bytes that `numpy.save` writes, format version 1.0.
private func npy(_ value: StoredTensor) -> [UInt8] {
  let (shape, type, data): ([Int], String, [UInt8]) =
    switch value {
    case .floats(let tensor, _):
      (tensor.shape, "<f4", tensor.withScalars { Array(UnsafeRawBufferPointer($0)) })
    case .integers(let tensor, _):
      (tensor.shape, "<i4", tensor.values.withUnsafeBytes { Array($0) })
    }
  let sizes = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
  // Ten bytes stand before the header, and the data begin at a multiple of 64.
  while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
  header += "\n"
  let length = header.utf8.count
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    + Array(header.utf8) + data
}

/// A comment with name and shape, then a line for each row of the last axis.
private func plainText(_ name: String, _ value: StoredTensor) -> String {
  let (shape, numbers): ([Int], [String]) =
    switch value {
    case .floats(let tensor, _): (tensor.shape, tensor.scalars.map { "\($0)" })
    case .integers(let tensor, _): (tensor.shape, tensor.values.map { "\($0)" })
    }
  let columns = max(shape.last ?? 1, 1)
  let rows = numbers.indices.parts(of: columns).map { numbers[$0].joined(separator: " ") }
  return (["# \(name) \(text(shape))"] + rows).joined(separator: "\n") + "\n"
}
