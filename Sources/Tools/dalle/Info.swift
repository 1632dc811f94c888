import ArgumentParser
import Checkpoints
import Files
import Foundation

/// Describes a checkpoint: `dalle info`.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes a checkpoint.",
    discussion: "Example: dalle info my-clip/clip.safetensors")

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file.safetensors"))
  var file: String

  func run() throws {
    let checkpoint = try Checkpoint(file)
    let tensors = checkpoint.file.names
    var numbers = 0
    for name in tensors { numbers += try checkpoint.file.info(name).shape.reduce(1, *) }
    print("\(printable(file)): a checkpoint of kind \(printable(checkpoint.card.kind))")
    print("  \(numbers) numbers in \(tensors.count) tensors, \(checkpoint.file.byteCount) bytes")
    let checksum = checkpoint.file.checksum.map { "\(printable($0)), which the contents have" }
    print("  checksum \(checksum ?? "none: damage to the numbers would not be noticed")")
    print("  SHA-256 \(try SHA256.hex(ofFile: file))")
    print("  config \(printable(checkpoint.card.config, limit: 10_000))")
    for (name, note) in checkpoint.card.notes.sorted(by: { $0.key < $1.key }) {
      let line = note.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      print("  \(printable(name)) \(printable(line))")
    }
  }
}
