// The rival of the paper's vote, and the vote.

import DFGAN
import Evaluation
import Notebook
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore

extension Chapter5 {
  static var rivalCells: [Cell<State>] {
    [
      Cell("rival", "A rival that draws in one step") { state, out in
        // ANCHOR: rival
        let rival = state.rival
        let (real, scenes, captions) = state.studio.real(.validation, 0..<256, seed: out.seed)
        let sentences = try rival.sentences(captions)  // [256, D]
        out.show("sentences", sentences)
        let drawn = try rival.draw(oneForEach: captions, seed: out.seed)  // [256, C, H, W]
        out.show("drawn", drawn)

        let sets = [("real pictures", real), ("the rival's", drawn)]
        let reports = try sets.map {
          CaptionMatchReport(try state.studio.judge.matches($0.1, scenes))
        }
        out.table(
          "% right, 256 validation captions", [""] + sets.map(\.0),
          [["everything"] + reports.map(\.everything.estimate.percent)]
            + Aspect.allCases.map { aspect in
              [aspect.rawValue] + reports.map { $0[aspect].estimate.percent }
            })
        // ANCHOR_END: rival
        out.note("right", reports[1].everything.estimate.value, .percent(0))
        out.note("parameters", rival.generator.parameterCount)
        let ours = try state.studio.dalle.draw(
          oneForEach: Array(captions.prefix(6)), seed: out.seed, .usual)
        let shown = [real, drawn].map { $0.sliced(axis: 0, 0..<6) } + [ours]
        out.figure("gan", gan(), "DF-GAN: a generator and its discriminator")
        out.figure(
          "rivals",
          PictureGrid(
            concatenate(shown, axis: 0), columns: 6,
            labels: [String](repeating: "", count: 12) + captions.prefix(6),
            rows: ["real", "DF-GAN", "DALL·E"], scale: 2),
          "The first six validation captions: the data set's picture, the rival's, and the first "
            + "one that the book's DALL·E draws")
      }
    ]
  }

  static var voteCells: [Cell<State>] {
    [
      Cell(
        "vote", "Five referees",
        full: FullRun(
          "\(Effort.voteCaptions) captions with \(Effort.voteCandidates) candidates each, "
            + Effort.time(streams: 2 * Effort.voteCaptions * Effort.voteCandidates)
        ) { state, out in
          try out.keep("vote", Vote(state.studio, state.rival, seed: out.seed) { out.print($0) })
        }
      ) { state, out in
        // ANCHOR: vote
        let vote = try out.recorded("vote", as: Vote.self)
        let answers = [("more realistic", vote.realism), ("a better match", vote.match)]
          .map { (question: $0.0, vote: PairedVote($0.1)) }
        out.table(
          "\(answers[0].vote.tasks) captions; % of majorities of five, and captions by votes for DALL·E",
          ["", "DALL·E", "±", "DF-GAN", "neither", "0/5", "1/5", "2/5", "3/5", "4/5", "5/5"],
          answers.map { question, vote in
            let ours = vote.share(of: .first)
            return [question, ours.percent, ours.errorPercent, vote.share(of: .second).percent]
              + [vote.share(of: .neither).percent] + vote.histogram(of: .first)
          })
        // ANCHOR_END: vote
        out.note("ours", vote.right[0].value, .percent(1))
        out.note("theirs", vote.right[1].value, .percent(1))
        for (name, answer) in zip(["realism", "match"], answers) {
          out.note(name, answer.vote.share(of: .first).value, .percent(1))
        }
        out.figure(
          "votes",
          Plot(
            "Votes of five referees", x: "votes for DALL·E", y: "captions",
            .columns(
              "more realistic", x: (0...5).map { Double($0) - 0.17 },
              answers[0].vote.histogram(of: .first).map(Double.init)),
            .columns(
              "a better match", x: (0...5).map { Double($0) + 0.17 },
              answers[1].vote.histogram(of: .first).map(Double.init))),
          "How many of five referees preferred the book's DALL·E, for each of "
            + "\(answers[0].vote.tasks) captions")
      },
      Cell("radius", "Distances of both, sharp and blurred") { state, out in
        // ANCHOR: radius
        let vote = try out.recorded("vote", as: Vote.self)
        out.table(
          "\(vote.realism.count) pictures, held against as many real ones",
          ["radius", "at the paper's size"] + vote.looks.map { "\($0.name), Fréchet" }
            + vote.looks.map { "\($0.name), Inception" },
          vote.radii.enumerated().map { i, radius in
            [radius, 4 * radius] + vote.looks.map { $0.frechet[i] }
              + vote.looks.map { $0.inception[i] }
          })
        // ANCHOR_END: radius
        out.figure(
          "radius",
          Plot(
            "Against blur", x: "radius of the blur, pixels of 64",
            y: Axis("Fréchet distance", isLogarithmic: true),
            vote.looks.map { .line($0.name, x: vote.radii, $0.frechet) }),
          "Distances to real pictures when both sides are blurred, as in the paper's figure 9a")
      },
    ]
  }

  /// Generator and discriminator, drawn.
  static func gan() -> Diagram {
    var d = Diagram(
      "One draws, the other doubts", width: 860, height: 300,
      description:
        "Noise goes through a linear layer to a picture of 4 by 4 pixels and through four blocks, each "
        + "of which doubles it, to 64 by 64. Noise and the sentence of CLIP's text tower reach every block "
        + "as a factor and an offset for each channel. The discriminator halves real and drawn pictures "
        + "to 4 by 4, puts the sentence beside them, and says one number.")
    d.box("noise\n[64]", x: 20, y: 70, width: 84, height: 48, 5)
    d.arrow((104, 94), (130, 94))
    for (i, side) in [4, 8, 16, 32, 64].enumerated() {
      let x = 130 + 76 * Double(i)
      d.box("\(side)×\(side)", x: x, y: 70, width: 58, height: 48, 0)
      if i > 0 {
        d.arrow((x - 18, 94), (x, 94))
        d.arrow((x + 14, 176), (x + 14, 118), i == 1 ? "γ, β" : "")
      }
    }
    d.box(
      "noise, and the sentence [128] of CLIP’s text tower", x: 130, y: 176, width: 362, height: 36,
      1)
    d.arrow((492, 94), (540, 94), "tanh")
    d.box("drawn", x: 540, y: 70, width: 80, height: 48, 0)
    d.box("real", x: 540, y: 140, width: 80, height: 36, 5)
    d.arrow((620, 94), (660, 118))
    d.arrow((620, 158), (660, 136))
    d.box("64 → 4\nfour stages", x: 660, y: 102, width: 96, height: 52, 3)
    d.arrow((492, 194), (708, 194))
    d.arrow((708, 154), (708, 176))
    d.box("both", x: 668, y: 176, width: 80, height: 36, 3)
    d.arrow((748, 194), (786, 194))
    d.box("score", x: 786, y: 176, width: 60, height: 36, 2)
    d.text("generator", x: 310, y: 60, size: 13, isCentred: true)
    d.text("discriminator", x: 708, y: 92, size: 13, isCentred: true)
    return d
  }
}

/// Both models' pictures for many captions, and what referees and networks say of them.
struct Vote: Codable {
  /// The answers of five referees about each caption.
  private(set) var realism: [[Choice]] = []
  private(set) var match: [[Choice]] = []
  /// The radii by which pictures were blurred: the paper's 0, 1, 2, 4 and 8 are of 256 pixels.
  private(set) var radii: [Double] = [0, 0.25, 0.5, 1, 2]
  /// What chapter 1's classifier says of the blurred pictures of each kind.
  private(set) var looks: [Looks] = []
  /// The shares of right pictures, DALL·E's and the rival's.
  private(set) var right: [Estimate] = []

  /// Distances and scores at each radius.
  struct Looks: Codable {
    let name: String
    var frechet: [Double] = []
    var inception: [Double] = []
  }

  init(
    _ studio: Studio, _ rival: CaptionedGAN, seed: UInt64, progress: (String) -> Void
  ) throws {
    let count = Chapter5.Effort.voteCaptions
    let (real, scenes, captions) = studio.real(.validation, 0..<count, seed: seed)
    let theirs = try rival.draw(oneForEach: captions, seed: seed)  // [n, C, H, W]
    let best = try (0..<count).map { i in
      let (drawn, judged) = try studio.draw(
        .validation, i, count: Chapter5.Effort.voteCandidates, seed: seed)
      if (i + 1) % 50 == 0 { progress("\(i + 1) of \(count) captions") }
      return drawn.pictures.at(judged.choice, axis: 0)
    }
    let ours = stack(best, axis: 0)  // [n, C, H, W]
    let panel = try Panel(Pretrained.panel())
    (realism, match) = panel.votes(ours, theirs, scenes)
    right = try [ours, theirs].map {
      CaptionMatchReport(try studio.judge.matches($0, scenes)).everything.estimate
    }
    let (others, _, _) = studio.real(.validation, 5000..<5000 + count, seed: seed)
    looks = try [("real", real), ("DALL·E", ours), ("DF-GAN", theirs)].map { name, pictures in
      var looks = Looks(name: name)
      for radius in radii {
        let (features, things) = studio.classifier.describe(gaussianBlur(pictures, radius: radius))
        let reference = studio.classifier.describe(gaussianBlur(others, radius: radius)).features
        looks.frechet.append(
          try frechetDistance(FeatureStatistics(features), FeatureStatistics(reference)))
        looks.inception.append(try InceptionScore(things).mean)
      }
      return looks
    }
  }
}
