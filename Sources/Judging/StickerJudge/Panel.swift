// Five networks in place of the paper's five people (§3.1, figure 7).

import Checkpoints
import Images
import NeuralNetwork
import StickerWorld
import TensorCore

/// A network for each of the paper's two questions: which picture is more realistic, and which matches
/// the caption better?
public struct Referee: Module {
  /// Reads what a picture shows.
  public let judge: JudgeNet
  /// Tells how real it looks.
  public let realism: RealismNet

  /// An untrained referee.
  init(_ channels: Panel.Channels, _ random: inout Random) {
    judge = JudgeNet(channels: channels.judge, &random)
    realism = RealismNet(channels: channels.realism, &random)
  }

  /// `judge` and `realism`.
  public var members: Members {
    ("judge", judge)
    ("realism", realism)
  }
}

/// Several referees, who learnt from different pictures and have different widths.
///
///     let panel = try Panel(Checkpoint("panel/panel.safetensors", kind: Panel.kind))
///     let (realism, match) = panel.votes(ours, theirs, scenes)
public struct Panel: Module {
  /// The channels of both networks of a referee.
  public struct Channels: Codable, Equatable, Sendable {
    /// Those of the judge's stages.
    public var judge: [Int]
    /// Those of the realism network's.
    public var realism: [Int]

    /// Channels after each stage, multiples of 8.
    public init(judge: [Int], realism: [Int]) { (self.judge, self.realism) = (judge, realism) }
  }

  /// What a checkpoint states of the panel.
  struct Shape: Codable {
    var referees: [Channels]
  }

  /// The widths that `dalle train panel` trains.
  public static let channels = [
    Channels(judge: [16, 32, 64, 48], realism: [16, 24, 32, 32]),
    Channels(judge: [24, 40, 56, 48], realism: [16, 32, 32, 24]),
    Channels(judge: [16, 48, 64, 40], realism: [24, 24, 32, 32]),
    Channels(judge: [24, 32, 72, 40], realism: [8, 32, 40, 24]),
    Channels(judge: [32, 40, 48, 48], realism: [16, 32, 40, 32]),
  ]

  /// The referees.
  public let referees: [Referee]

  /// The kind that its checkpoints state.
  public static let kind = "panel"

  /// An untrained panel; each referee has weights of its own.
  public init(_ channels: [Channels] = channels, seed: UInt64) {
    let random = Random(seed: seed).split("panel")
    referees = channels.enumerated().map { i, channels in
      var random = random.split(i)
      return Referee(channels, &random)
    }
  }

  /// The panel in a checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let shape = try checkpoint.config(Shape.self)
    let all = shape.referees.flatMap { [$0.judge, $0.realism] }
    guard (1...99).contains(shape.referees.count),
      all.allSatisfy({ (1...5).contains($0.count) }),
      all.joined().allSatisfy({ (8...512).contains($0) && $0.isMultiple(of: 8) })
    else {
      throw .mismatch(
        file: checkpoint.file.path,
        reason: "has referees of impossible sizes, expected 1 to 99 of 1 to 5 stages with 8 to 512 "
          + "channels, multiples of 8")
    }
    self.init(shape.referees, seed: 0)
    try checkpoint.load(into: self)
  }

  /// `referees`.
  public var members: Members { ("referees", referees) }

  /// The card for a checkpoint of this panel, with notes.
  public func card(_ notes: [String: String] = [:]) -> ModelCard {
    let channels = referees.map {
      Channels(judge: $0.judge.channels, realism: $0.realism.channels)
    }
    return ModelCard(kind: Self.kind, config: Shape(referees: channels), notes: notes)
  }

  /// The votes on pairs of pictures [n, 3, 64, 64] in 0 … 1 for captions of n scenes: for each pair one
  /// of each referee.
  ///
  /// More realistic is what its network finds so. A better match is the picture that shows all claims
  /// of the caption, or of two such pictures the one of which its network is surer. If neither shows
  /// all of them, it says that neither does. Where a referee is undecided, it prefers the second.
  public func votes(
    _ first: Tensor, _ second: Tensor, _ scenes: [Scene]
  ) -> (realism: [[Choice]], match: [[Choice]]) {
    var (realism, match) = (
      [[Choice]](repeating: [], count: scenes.count), [[Choice]](repeating: [], count: scenes.count)
    )
    for referee in referees {
      let real = [first, second].map { referee.realism.realism($0) }
      let readings = [first, second].map { referee.judge.judge(Image.pictures(of: $0)) }
      for (i, scene) in scenes.enumerated() {
        realism[i].append(real[0][i] > real[1][i] ? .first : .second)
        match[i].append(Self.match(readings[0][i], readings[1][i], scene))
      }
    }
    return (realism, match)
  }

  static func match(_ first: Reading, _ second: Reading, _ scene: Scene) -> Choice {
    switch (first.shows(scene).isRight, second.shows(scene).isRight) {
    case (true, false): .first
    case (false, true): .second
    case (true, true): first.score(scene) > second.score(scene) ? .first : .second
    case (false, false): .neither
    }
  }
}

/// An answer to a question about two pictures. Where two answers have as many votes, the smaller one
/// counts: none rather than one of the pictures, and the second rather than the first.
public enum Choice: Int, Codable, CaseIterable, Comparable, Sendable {
  case neither, second, first

  /// In the order in which they are listed.
  public static func < (a: Choice, b: Choice) -> Bool { a.rawValue < b.rawValue }
}
