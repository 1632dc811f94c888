// The reader's own pictures for a training, and the word on those that are left out.

import CLIPTraining
import CaptionedImages
import Checkpoints
import Commands
import Files
import Foundation
import PictureFiles
import Synchronization
import TensorCore
import Text
import Training

/// A data set that is read for a training. What is left out of it is printed at once, and kept in
/// the run's folder in `left-out.txt`; what it consists of is kept in `data.tsv` beside the state.
struct OwnPictures {
  /// Those that are learnt from.
  let images: CaptionedImages
  /// Those that only measurements see.
  let heldOut: CaptionedImages?
  /// What identifies the data, for checkpoints; empty without a run.
  let content: String
  private let hasOnePicture: Bool
  private let list: LeftOut

  /// Reads the data set at `data` and says what it holds, but for a plan without keeping anything.
  init(_ data: String, _ holdOut: HoldOut) throws {
    let all = try CaptionedImages(data)
    (content, hasOnePicture, list) = ("", false, LeftOut(folder: nil))
    try announce("\(all.report)")
    (images, heldOut) = try holdOut.parts(of: all)
  }

  /// The same for a training that is kept in `folder`, whose first stage has its state in `stage`,
  /// or in `folder` itself. If it has begun, the data must be those of the run there.
  init(
    _ data: String, _ holdOut: HoldOut = HoldOut(), folder: String, stage: String? = nil
  ) throws {
    let all = try CaptionedImages(data)
    list = LeftOut(folder: folder)
    try announce("\(all.report)")
    (images, heldOut) = try holdOut.parts(of: all)
    let (record, stage) = (DataRecord(all), stage ?? folder)
    (content, hasOnePicture) = (record.summary, record.hasOnePicture)
    // Runs of several kinds may share a folder, but not a state.
    let path = "\(stage)/data.tsv"
    if TrainingFolder.hasBegun(stage) {
      if let flaw = record.difference(from: path, whereStateHas: Self.data(of: stage)) {
        throw CommandError(
          "\(data): \(flaw); continue with the same pictures and captions, or train in another "
            + "folder")
      }
    } else {
      try OutputCheck.folder(stage)
      try record.write(to: path)
    }
    try list.begin(all.report.everything)
  }

  /// The summary of the data in a state; nil if it cannot be read, which the training says.
  private static func data(of stage: String) -> String? {
    let file = try? SafetensorsFile("\(stage)/training.safetensors")
    let settings = Data((file?.metadata["settings"] ?? "").utf8)
    return (try? JSONDecoder().decode([String: String].self, from: settings))?["data"]
  }

  /// Says if no training can learn from the data which caption belongs to which picture.
  func noteContrast(_ pairs: PicturePairs) throws {
    guard let flaw = try sameness(of: pairs) else { return }
    try announce(
      "note: \(flaw), so which caption belongs to which picture cannot be learnt: drawings will not "
        + "depend on captions, and CLIP's loss will be 0 or stay as it begins")
  }

  private func sameness(of pairs: PicturePairs) throws -> String? {
    if images.count == 1 { return "there is only one picture" }
    let first = images.captions(at: 0)[0]
    if pairs.captions.allSatisfy({ $0 == first }) { return "all captions are the same" }
    if hasOnePicture { return "all pictures are the same" }
    let batches = Batches(pairs, batchSize: min(64, images.count), seed: 1)
    return try batches.batch(0).hasContrast ? nil : "all pictures look the same to the models"
  }

  /// The pictures with their captions, each made square by `augmentation`.
  func pairs(_ augmentation: Augmentation) -> PicturePairs {
    PicturePairs(images, augmentation) { [list] in list.add($0) }
  }

  /// The held-out pictures with their captions.
  func heldOutPairs(_ augmentation: Augmentation) -> PicturePairs? {
    heldOut.map { PicturePairs($0, augmentation) { [list] in list.add($0) } }
  }

  /// Says how many captions have more tokens than a model reads, which cuts them.
  func noteCuts(by model: String, _ tokenizer: Tokenizer, length: Int) throws {
    let cut = parallelMap(0..<images.count) { index in
      images.captions(at: index)
        .filter { (try? tokenizer.encode($0, length: length)) == nil }
        .map { "\(images.path(at: index)): \"\(printable($0, limit: 40))\"" }
    }.flatMap(\.self)
    if cut.isEmpty { return }
    let title = "captions cut at \(length) tokens by \(model): \(cut.count)"
    try announce("\(title) (\(cut.prefix(3).joined(separator: ", "))\(cut.count > 3 ? ", …" : ""))")
    try list.append("\(title)\n" + cut.map { "  \($0)\n" }.joined())
  }

  /// Says how many pictures turned out to be unreadable while the models were trained.
  func sayLeftOut() throws {
    let (count, path) = (list.count, list.path)
    if count > 0 {
      try announce(
        "pictures that could not be read in training: \(count)\(path.map { "; \($0)" } ?? "")")
    }
  }
}

/// Prints lines at once, even if the output is a file: what follows may take hours.
///
/// Throws a `CommandError` if standard output cannot be written.
func announce(_ text: String) throws {
  print(text)
  if let flaw = flawOfOutput() { throw CommandError(flaw) }
}

/// The list of what a training leaves out, which grows when a picture turns out to be damaged.
private final class LeftOut: Sendable {
  /// `left-out.txt` of the run; nil if nothing is kept.
  let path: String?
  private let named = Mutex<Set<String>>([])

  init(folder: String?) {
    path = folder.map { "\($0)/left-out.txt" }
  }

  /// How many pictures turned out to be damaged.
  var count: Int { named.withLock { $0.count } }

  /// Writes the first entries over those of an earlier run; without any, there is no file.
  func begin(_ entries: String) throws {
    guard let path else { return }
    unlink(path)
    try append(entries)
  }

  func append(_ entries: String) throws {
    guard let path, !entries.isEmpty else { return }
    try OutputCheck.folder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    let bytes = Array(entries.utf8)
    let written = file < 0 ? -1 : write(file, bytes, bytes.count)
    let reason = String(cString: strerror(errno))
    if file >= 0 { close(file) }
    if written != bytes.count { throw CommandError("\(path): cannot be written (\(reason))") }
  }

  /// Names a damaged picture, once, on the terminal and in the list.
  func add(_ error: PictureError) {
    guard named.withLock({ $0.insert(error.file).inserted }) else { return }
    // On a terminal, the bar of the training is in this line.
    let start = Terminal.standardError.redraws ? "\r\u{1B}[K" : ""
    complain("\(start)left out: \(error)\n")
    do { try append("pictures unreadable in training\n  \(error)\n") } catch {
      complain("warning: \(error)\n")
    }
  }
}
