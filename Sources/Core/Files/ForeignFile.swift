// Files that are something else than their names say: what downloads leave when they go wrong, and
// the formats of other programs.

/// What a file is, as its first bytes show, and what to do about it: "is a web page; …". Nil if
/// they show nothing; 64 bytes are enough.
public func foreignKind(ofFileBeginning start: some Collection<UInt8>) -> String? {
  let start = Array(start.prefix(64))
  if start.isEmpty { return "is empty; get the file again" }
  if start.allSatisfy({ $0 == 0 }) { return "holds nothing but zeros; get the file again" }
  func begins(_ bytes: [UInt8]) -> Bool { start.starts(with: bytes) }
  if begins(Array("version https://git-lfs".utf8)) {
    return "is a Git LFS pointer, not the file itself; run: git lfs pull"
  }
  // A page may begin with a byte order mark, white space or a comment.
  let text = String(decoding: start, as: UTF8.self).lowercased()
    .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
  if ["<!doctype html", "<html", "<head", "<!--"].contains(where: text.hasPrefix) {
    return "is a web page; download the file itself (its \"raw\" or \"resolve\" link)"
  }
  if text.hasPrefix("<?xml") { return "is an XML text, perhaps a server's message; get it again" }
  let formats: [([UInt8], String)] = [
    (Array("PK\u{3}\u{4}".utf8), "a ZIP archive, as PyTorch saves weights (.bin, .pt, .pth)"),
    ([0x80, 0x02], "a Python pickle, as PyTorch saves weights (.bin, .pt, .pth)"),
    ([0x80, 0x03], "a Python pickle"), ([0x80, 0x04], "a Python pickle"),
    ([0x80, 0x05], "a Python pickle"), (Array("GGUF".utf8), "a GGUF file of llama.cpp"),
    ([0x89] + "HDF".utf8, "an HDF5 file, as Keras saves weights (.h5)"),
    ([0x93] + "NUMPY".utf8, "a NumPy array (.npy)"), ([0x1F, 0x8B], "a gzip file"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"), (Array("BZh".utf8), "a bzip2 file"),
    ([0x89] + "PNG".utf8, "a PNG picture"), ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
    (Array("%PDF".utf8), "a PDF file"),
  ]
  return formats.first { begins($0.0) }.map { "is \($0.1)" }
}
