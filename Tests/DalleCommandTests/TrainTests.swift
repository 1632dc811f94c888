import DALLETraining
import Foundation
import TensorCore
import TestSupport
import Testing

@testable import DalleCommand

/// Trainings of a step or two, on small data and networks.
@Suite(.serialized) struct TrainTests {
  private let place: TemporaryFolder
  private let data: String
  private let sizes: (dvae: String, transformer: String, model: String)

  init() throws {
    place = try TemporaryFolder()
    data = try place.addPictures(3)
    sizes = try place.addSizes()
  }

  /// The arguments of the smallest training of each kind but `all`, which has no sizes to choose.
  private func smallest(_ kind: String, _ output: String) -> [String] {
    let common = ["train", kind, "--data", data, "--output", place.file(output)]
    switch kind {
    case "clip": return common + ["--steps", "1", "--batch", "2"]
    case "dvae":
      return common
        + ["--warm-up-steps", "1", "--steps", "1", "--decoder-steps", "1", "--batch", "2"]
        + ["--config", sizes.dvae]
    default:
      return common
        + ["--steps", "1", "--batch", "2", "--dvae", sizes.model, "--config", sizes.transformer]
    }
  }

  @Test(arguments: ["clip", "dvae", "transformer"])
  func `a resumed run names the option that differs and the data that changed`(
    _ kind: String
  ) throws {
    let command = smallest(kind, "run")
    #expect(dalle(command).status == 0)
    #expect(dalle(command + ["--resume"]).status == 0)
    func refusal(_ option: String, _ value: String) -> String {
      let (status, complaint) = dalle(command + ["--resume", option, value])
      #expect(status == 1)
      return complaint
    }
    #expect(refusal("--seed", "7").contains("began with --seed 1, now it has --seed 7; "))
    #expect(refusal("--batch", "3").contains("began with --batch 2, now it has --batch 3; "))
    let more = refusal("--steps", "9")
    #expect(more.contains("began with --steps 1, now it has --steps 9; continue with the same, or"))
    #expect(more.contains("another folder"))
    if kind != "dvae" {
      #expect(more.contains("(--from \(place.file("run"))/training.safetensors starts from"))
      #expect(
        refusal("--rate", "0.1").contains(#/began with --rate 0\.\d+, now it has --rate 0\.1; /#))
    } else {
      #expect(refusal("--decoder-steps", "5").contains("began with --decoder-steps 1, now"))
      #expect(refusal("--warm-up-steps", "5").contains("began with --warm-up-steps 1, now"))
    }
    #expect(refusal("--data", "stickers").contains("now it has --data stickers; "))

    try Data("quite another caption".utf8).write(to: URL(filePath: "\(data)/1.txt"))
    let (status, complaint) = dalle(command + ["--resume"])
    #expect(
      status == 1
        && complaint
          == "error: \(data): the captions of 1.png are others than when this run began; "
          + "continue with the same pictures and captions, or train in another folder\n"
    )
  }

  @Test func `runs of several kinds in one folder know their own data`() throws {
    let other = try place.addPictures(3, to: "other")
    try Data("quite another caption".utf8).write(to: URL(filePath: "\(other)/1.txt"))
    let (clip, dvae) = (smallest("clip", "run"), smallest("dvae", "run"))
    #expect(dalle(clip).status == 0)
    #expect(dalle(dvae + ["--data", other]).status == 0)
    #expect(dalle(clip + ["--resume"]).status == 0)
    #expect(dalle(dvae + ["--data", other, "--resume"]).status == 0)
    for (command, data) in [(clip + ["--data", other], other), (dvae, data)] {
      let (status, complaint) = dalle(command + ["--resume"])
      #expect(
        status == 1
          && complaint.hasPrefix(
            "error: \(data): the captions of 1.png are others than when this run began; ")
      )
    }
    // A table that is not the run's explains nothing.
    _ = try place.write(place.read("run/warm-up/data.tsv"), to: "run/data.tsv")
    #expect(dalle(clip + ["--resume"]).status == 0)
    let (status, complaint) = dalle(clip + ["--data", other, "--resume"])
    #expect(status == 1 && complaint.contains("this run began with data \"3 pictures, hash"))
  }

  @Test(arguments: ["clip", "dvae"])
  func `a broken state names the way out, resumed or not`(_ kind: String) throws {
    let name = kind == "dvae" ? "run/warm-up/training.safetensors" : "run/training.safetensors"
    let run = smallest(kind, "run")
    #expect(dalle(run).status == 0)
    let whole = try place.read(name)
    var flipped = whole
    flipped[whole.count - 9] ^= 4
    for bytes in [Array(whole.prefix(500)), flipped, []] {
      _ = try place.write(bytes, to: name)
      for command in [run, run + ["--resume"]] {
        let (status, complaint) = dalle(command)
        #expect(
          status == 1
            && complaint.hasPrefix("error: \(place.file(name)): the training state is broken (")
            && complaint.contains("or train in another folder") && !complaint.contains("--resume"),
          "\(complaint)")
      }
    }
    let words = dalle(run + ["--resume"]).complaint
    #expect(words.contains("--from MODEL starts from a model's weights") == (kind == "clip"))
  }

  @Test func `a run in bf16 has other weights than one in f32, and goes on as it began`() throws {
    func model(_ output: String, _ more: [String]) throws -> [UInt8] {
      #expect(dalle(smallest("clip", output) + more).status == 0)
      return try place.read("\(output)/training.safetensors")
    }
    let f32 = try model("a", ["--precision", "f32"])
    let bf16 = try model("b", ["--precision", "bf16"])
    #expect(f32 != bf16)
    #expect(try model("c", []) == (Precision.fastest == .bf16 ? bf16 : f32))
    // Whatever this processor is fast in: both may have begun elsewhere.
    #expect(dalle(smallest("clip", "a") + ["--resume"]).status == 0)
    #expect(dalle(smallest("clip", "b") + ["--resume"]).status == 0)
    let other = dalle(smallest("clip", "b") + ["--resume", "--precision", "f32"])
    #expect(other.status == 1 && other.complaint.contains("began with --precision, now it is not"))
    #expect(dalle(smallest("clip", "d") + ["--precision", "f16"]).status == 64)
  }

  @Test(arguments: ["clip", "dvae", "transformer"])
  func `a run with checkpointed activations has the same bits, and may change its mind`(
    _ kind: String
  ) throws {
    let state = kind == "dvae" ? "decoder/training.safetensors" : "training.safetensors"
    let flag = ["--checkpoint-activations"]
    #expect(dalle(smallest(kind, "a")).status == 0)
    #expect(dalle(smallest(kind, "b") + flag).status == 0)
    #expect(try place.read("a/\(state)") == place.read("b/\(state)"))
    #expect(dalle(smallest(kind, "a") + flag + ["--resume"]).status == 0)
    #expect(dalle(smallest(kind, "b") + ["--resume"]).status == 0)
  }

  @Test(arguments: ["clip", "dvae", "transformer"])
  func `one process has nothing to share, and compression needs whole gradients`(
    _ kind: String
  ) throws {
    #expect(dalle(smallest(kind, "a") + ["--shard"]).status == 0)
    let refused = dalle(smallest(kind, "b") + ["--shard", "--compress", "2"])
    #expect(refused.status == 64)
    #expect(refused.complaint.contains("--shard and --compress do not go together: --compress"))
    #expect(!FileManager.default.fileExists(atPath: place.file("b")))
  }

  @Test func `pictures of another size become other tokens, and a run keeps to its size`() throws {
    let dvae = smallest("dvae", "dvae") + ["--size", "32"]
    #expect(dalle(dvae).status == 0)
    #expect(dalle(dvae + ["--resume"]).status == 0)
    let other = dalle(smallest("dvae", "dvae") + ["--resume"])
    #expect(other.status == 1 && other.complaint.contains("began with --size"))
    let run = smallest("transformer", "run") + ["--size", "32"]
    #expect(dalle(run).status == 0)
    // A token stands for 16×16 pixels.
    let tokens = try TokenSet(place.file("run/tokens.safetensors"))
    #expect(try tokens.codes(at: 0).count == 4)
    let third = dalle(smallest("transformer", "third") + ["--size", "30"])
    #expect(third.status == 1 && third.complaint.contains("30×30 do not divide into such squares"))
    for (size, data) in [("7", data), ("1025", data), ("128", "stickers")] {
      let refused = dalle([
        "train", "dvae", "--data", data, "--output", place.file("no"), "--size", size,
      ])
      #expect(refused.status == 64 && refused.complaint.contains("--size"), "\(refused)")
    }
  }

  @Test(arguments: ["clip", "dvae", "transformer"])
  func `a finished model is not replaced when the state of its training is gone`(
    _ kind: String
  ) throws {
    let run = smallest(kind, "run")
    try FileManager.default.createDirectory(
      atPath: place.file("run"), withIntermediateDirectories: true)
    let model = try place.write(Array("a model".utf8), to: "run/\(kind).safetensors")
    for command in [run, run + ["--resume"]] {
      let (status, complaint) = dalle(command)
      #expect(status == 1 && complaint.hasPrefix("error: \(model): is a finished model, and"))
    }
    #expect(try place.read("run/\(kind).safetensors") == Array("a model".utf8))
  }

  @Test(arguments: [
    "dvae.safetensors", "transformer.safetensors", "clip.safetensors",
    "transformer/transformer.safetensors",
  ]) func `train all replaces none of its models either`(_ name: String) throws {
    for folder in ["run/transformer", "run/dvae/warm-up"] {
      try FileManager.default.createDirectory(
        atPath: place.file(folder), withIntermediateDirectories: true)
    }
    let model = try place.write(Array("a model".utf8), to: "run/\(name)")
    for resume in [[], ["--resume"]] {
      let (status, complaint) = dalle(
        ["train", "all", "--data", data, "--output", place.file("run")] + resume)
      #expect(status == 1 && complaint.hasPrefix("error: \(model): is a finished model, and"))
    }
    #expect(try place.read("run/\(name)") == Array("a model".utf8))
  }

  @Test func `a stage that is gone before a later one is not trained again`() throws {
    for folder in ["run/decoder", "run/dvae/bound"] {
      try FileManager.default.createDirectory(
        atPath: place.file(folder), withIntermediateDirectories: true)
      _ = try place.write([], to: "\(folder)/training.safetensors")
    }
    let all = ["train", "all", "--data", data, "--output", place.file("run")]
    for command in [smallest("dvae", "run"), all] {
      let fresh = dalle(command)
      #expect(
        fresh.status == 1 && fresh.complaint.contains("the training state is broken (is empty)"))
      let (status, complaint) = dalle(command + ["--resume"])
      #expect(status == 1 && complaint.contains("warm-up: the training state is gone, but that of"))
    }
  }

  @Test func `sizes of a dVAE that do not go with pictures or data are refused at once`() throws {
    for (json, says) in [
      (#"{"stem": 3}"#, "64×64 do not divide into such squares"),
      (#"{"encoder_kernel": 2}"#, "encoder_kernel must be 1 or 3"),
      (#"{"output_channels": 1}"#, "for pictures of 1 channels"),
      (#"{"vocab_size": 300000}"#, "clusters of"),
    ] {
      let sizes = try place.write(Array(json.utf8), to: "sizes.json")
      let (status, complaint) = dalle([
        "train", "dvae", "--data", data, "--output", place.file("out"), "--config", sizes,
      ])
      #expect(status == 1 && complaint.hasPrefix("error: \(sizes): "), "\(json): \(complaint)")
      #expect(complaint.contains(says) && complaint.split(separator: "\n").count == 1)
    }
    #expect(!place.names.contains("out"))
  }

  @Test func `one picture is too few for CLIP, which is said before anything is trained`() throws {
    let one = try place.addPictures(1, to: "one")
    let (status, complaint) = dalle([
      "train", "clip", "--data", one, "--output", place.file("out"),
    ])
    #expect(status == 1 && complaint.contains("compares pictures with one another"), "\(complaint)")
    let few = dalle(["train", "clip", "--data", data, "--output", place.file("out")])
    #expect(few.status == 1 && few.complaint.contains("name --batch 3 or less"))
  }

  /// Every option with a number, with numbers out of all bounds.
  @Test(arguments: ["clip", "dvae", "transformer", "all"])
  func `numbers out of range end in a sentence or in a training, never in a trap`(
    _ kind: String
  ) throws {
    let help: String =
      switch kind {
      case "clip": TrainCLIP.helpMessage()
      case "dvae": TrainDVAE.helpMessage()
      case "transformer": TrainTransformer.helpMessage()
      default: TrainAll.helpMessage()
      }
    let named = Set(help.matches(of: #/(?m)^  (--[a-z-]+) <[a-z-]+>/#).map { String($0.1) })
    let numeric = named.subtracting(["--data", "--output", "--from", "--config", "--dvae"])
    #expect(numeric.count > 3 && numeric.contains("--seed"), "\(numeric)")
    var runs = 0
    for option in numeric.sorted() {
      for value in ["-1", "0", "nan", "inf", "1e30", "99999999999999999999", ""] {
        runs += 1
        let base =
          kind == "all"
          ? ["train", "all", "--data", place.file("none"), "--output", place.file("out\(runs)")]
          : smallest(kind, "out\(runs)")
        let (status, complaint) = dalle(base + [option, value])
        if status == 0 { continue }
        let lines = complaint.split(separator: "\n").filter { !$0.contains("continue") }
        #expect(complaint.lowercased().hasPrefix("error: "), "\(option) \(value): \(complaint)")
        if status == 64 {
          #expect(lines[0].contains(option), "\(option) \(value): \(complaint)")
        } else {
          #expect(status == 1 && lines.count == 1, "\(option) \(value): \(complaint)")
        }
        if ["nan", "inf", "-1", ""].contains(value) { #expect(status == 64) }
      }
    }
  }
}
