import Files
import PictureFiles

/// Extensions that promise a picture, read or not. The content decides; the promise is what is
/// reported if it is not kept.
let pictureKinds: Set = [
  "png", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif",
  "svg", "jxl", "jp2",
]

/// Extensions of files with the captions of one picture. Of several beside it, the first is read.
private let captionKinds = ["txt", "caption", "json"]

/// Names of what systems leave in folders.
private let litter: Set = ["Thumbs.db", "desktop.ini", "__MACOSX"]

extension Findings {
  /// Reads a folder and the folders in it: pictures with NAME.txt, NAME.caption or NAME.json beside
  /// them, and the lists metadata.jsonl, metadata.csv and metadata.tsv of any of the folders.
  /// Hidden files are ignored, links to folders not followed.
  mutating func readFolder() throws(DataError) {
    let root = RawPath(folder)
    do throws(FileError) { try read(root.entries(), in: root) } catch { throw DataError(error) }
  }

  private mutating func read(_ entries: [FolderEntry], in here: RawPath) {
    let entries = entries.filter {
      $0.name.bytes.first != UInt8(ascii: ".") && !litter.contains($0.name.text)
    }
    var files = FilesOfFolder(entries, in: here)
    for list in files.lists { readList(list, in: here) }
    var previous: ArraySlice<UInt8>?
    for name in files.pictures {
      let (stem, _) = splitExtension(name)
      let number = self.picture(at: here.appending(name))
      if let text = files.captions(of: stem) {
        add(captionsIn: here.appending(text), to: number)
      } else if stem == previous {
        twins.insert(number)
      }
      previous = stem
    }
    for name in files.unusedCaptions {
      if splitExtension(name).kind == "json" {
        leaveOut(here.appending(name))
      } else {
        report.note(shown(here.appending(name)), .noPicture)
      }
    }
    for name in files.others { leaveOut(here.appending(name)) }
    for entry in entries where entry.isFolder {
      let folder = here.appending(entry.name)
      do throws(FileError) { read(try folder.entries(), in: folder) } catch {
        report.note("\(shown(folder)): \(error.reason)", .badFolder)
      }
    }
  }

  /// Reads a list of captions in a folder, or leaves it out.
  private mutating func readList(_ name: RawPath, in here: RawPath) {
    let (path, base) = (here.appending(name), String(decoding: here.bytes, as: UTF8.self))
    do throws(DataError) {
      if splitExtension(name).kind == "jsonl" {
        try readLines(path, in: base)
      } else {
        try readTable(path, in: base)
      }
    } catch {
      report.note("\(error)", .notRead)
    }
  }

  /// Reports a file that is neither picture nor captions, with a word on what it may be.
  private mutating func leaveOut(_ path: RawPath) {
    var hint = ""
    switch splitExtension(path).kind {
    case "jsonl", "csv", "tsv": hint = ": a list? Then give its name as the data set"
    case "json":
      let start = (try? readStart(of: path, count: 1 << 16).bytes) ?? []
      hint =
        start.contains(anyOf: ["\"bbox\"", "\"categories\"", "\"segmentation\""])
        ? ": \(instancesFlaw)" : ": a list? Then give its name as the data set"
    case let kind: hint = packedFlaw(of: kind).map { ": \($0)" } ?? ""
    }
    report.note(shown(path) + hint, .notRead)
  }
}

/// The files of one folder by what they are.
private struct FilesOfFolder {
  /// By stems, a PNG before others of its name: what was converted is read, not the original.
  private(set) var pictures: [RawPath] = []
  /// Lists of captions, as Hugging Face names them.
  private(set) var lists: [RawPath] = []
  private(set) var others: [RawPath] = []
  private var captions: [ArraySlice<UInt8>: [RawPath]] = [:]
  private var used: Set<ArraySlice<UInt8>> = []
  /// Stems of captions in comparable form; filled when it is first needed.
  private var forms: [String: ArraySlice<UInt8>]?

  init(_ entries: [FolderEntry], in here: RawPath) {
    for name in entries.lazy.filter({ !$0.isFolder }).map(\.name) {
      let (stem, kind) = splitExtension(name)
      if captionKinds.contains(kind) {
        captions[stem, default: []].append(name)
      } else if ["jsonl", "csv", "tsv"].contains(kind), stem.elementsEqual("metadata".utf8) {
        lists.append(name)
      } else if pictureKinds.contains(kind) || isPicture(here.appending(name)) {
        pictures.append(name)
      } else {
        others.append(name)
      }
    }
    pictures.sort { first, second in
      let (a, b) = (splitExtension(first), splitExtension(second))
      if a.stem == b.stem { return a.kind == "png" && b.kind != "png" }
      return a.stem.lexicographicallyPrecedes(b.stem)
    }
  }

  /// The file with the captions of pictures called `stem`, once. Its name may differ in case, and in
  /// how accents are composed.
  mutating func captions(of stem: ArraySlice<UInt8>) -> RawPath? {
    var stem = stem
    if captions[stem] == nil {
      let known =
        forms
        ?? Dictionary(
          captions.keys.map { (comparable(RawPath(bytes: $0).text), $0) }, uniquingKeysWith: { $1 })
      forms = known
      guard let similar = known[comparable(RawPath(bytes: stem).text)] else { return nil }
      stem = similar
    }
    guard used.insert(stem).inserted, let names = captions[stem] else { return nil }
    let first = names.min { rank($0) < rank($1) }
    others += names.filter { $0 != first }
    return first
  }

  /// Files of captions without a picture. A JSON file may be anything.
  var unusedCaptions: [RawPath] {
    captions.filter { !used.contains($0.key) }.flatMap(\.value).sorted {
      $0.bytes.lexicographicallyPrecedes($1.bytes)
    }
  }

  private func rank(_ name: RawPath) -> Int {
    captionKinds.firstIndex(of: splitExtension(name).kind) ?? captionKinds.count
  }

  private func isPicture(_ path: RawPath) -> Bool {
    let start = (try? readStart(of: path, count: 64).bytes) ?? []
    return pictureFormat(of: start) != nil
  }
}
