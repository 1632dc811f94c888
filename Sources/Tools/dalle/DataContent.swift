import CaptionedImages
import Checkpoints
import Foundation

extension CaptionedImages {
  /// What identifies a data set wherever it lies: how many pictures it has, their names and sizes in
  /// bytes, and their captions. A run that is resumed must find the same.
  var content: String {
    var files = ""
    var texts = ""
    for index in 0..<count {
      let path = path(at: index)
      var status = stat()
      let size = stat(path, &status) == 0 ? Int(status.st_size) : -1
      files += "\(URL(fileURLWithPath: path).lastPathComponent)\0\(size)\0"
      texts += captions(at: index).joined(separator: "\0") + "\0\0"
    }
    return "\(count) pictures, names and sizes \(hash(files)), captions \(hash(texts))"
  }

  private func hash(_ text: String) -> String {
    String(Array(text.utf8).withUnsafeBytes(SHA256.hex).prefix(12))
  }
}
