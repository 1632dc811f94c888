/// The formats of data sets, each with what its reader needs.
enum DataFormat: Equatable {
  /// A folder of NAME.png and NAME.txt.
  case folder(String)
  /// A COCO file of captions, and the folder of its pictures.
  case coco(file: String, images: String)
  /// The folder CUB_200_2011.
  case cub(String)
  /// JSON, line by line.
  case manifest(String)

  /// Finds the format from the names of files.
  init(of path: String, images: String?) throws(DataError) {
    let isFolder = try isFolder(path)
    switch (isFolder, splitExtension(path).kind) {
    case (false, "json"):
      self = .coco(file: path, images: try cocoImages(of: path, images))
    case (false, "jsonl"):
      self = .manifest(path)
    case (false, _):
      throw .unknownFormat(path: path, reason: "the file is neither .json nor .jsonl")
    case (true, _):
      for root in [path, "\(path)/CUB_200_2011"] where exists("\(root)/images.txt") {
        self = .cub(root)
        return
      }
      if let file = try cocoCaptions(in: path) {
        self = .coco(file: file, images: try cocoImages(of: file, images))
      } else {
        self = .folder(path)
      }
    }
  }

  /// The folder that the data set's file names are relative to.
  var folder: String {
    switch self {
    case .folder(let path), .cub(let path): path
    case .coco(_, let images): images
    case .manifest(let path): parent(of: path)
    }
  }

  /// Reads all names and captions.
  func read(into findings: inout Findings) throws(DataError) {
    switch self {
    case .folder(let path): try findings.readFolder(path)
    case .coco(let file, _): try findings.readCOCO(file)
    case .cub(let root): try findings.readCUB(root)
    case .manifest(let file): try findings.readManifest(file)
    }
  }
}

/// The only file annotations/captions_….json of a COCO folder; nil if it is no COCO folder.
private func cocoCaptions(in folder: String) throws(DataError) -> String? {
  let annotations = "\(folder)/annotations"
  guard exists(annotations) else { return nil }
  let files = try names(in: annotations).filter {
    $0.hasPrefix("captions_") && $0.hasSuffix(".json")
  }
  if files.count > 1 {
    throw .unknownFormat(
      path: folder,
      reason: "there are several files of captions (\(files.joined(separator: ", ")))"
        + ", name the one to read")
  }
  return files.first.map { "\(annotations)/\($0)" }
}

/// The folder of COCO's pictures: the `given` one, or for annotations/captions_train2017.json the
/// folder train2017 or images/train2017 beside the annotations, or the folder images there.
private func cocoImages(of file: String, _ given: String?) throws(DataError) -> String {
  if let given { return given }
  let annotations = parent(of: file)
  let root = annotations.hasSuffix("annotations") ? parent(of: annotations) : annotations
  let name = splitExtension(file).stem.split(separator: "/").last ?? ""
  let split = name.replacing("captions_", with: "")
  let candidates = ["\(root)/\(split)", "\(root)/images/\(split)", "\(root)/images"]
  guard let found = candidates.first(where: exists) else {
    throw .unknownFormat(
      path: file, reason: "its pictures are in none of \(candidates.joined(separator: ", "))")
  }
  return found
}
