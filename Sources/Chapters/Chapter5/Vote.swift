// The paper's vote, and figure 9a, for DALL·E and the rival.

import DFGAN
import Evaluation
import Images
import Notebook
import Pretrained
import StickerJudge
import TensorCore

extension Chapter5 {
  static var voteCells: [Cell<State>] {
    [
      Cell(
        "referees", "The referees' own examination",
        full: FullRun(
          "\(Effort.voteCaptions) captions with \(Effort.voteCandidates) candidates each, "
            + Effort.time(streams: 2 * Effort.voteCaptions * Effort.voteCandidates)
        ) { state, out in
          try out.keep("vote", Vote(state.studio, state.rival, seed: out.seed) { out.print($0) })
        }
      ) { state, out in
        // ANCHOR: referees
        let vote = try out.recorded("vote", as: Vote.self)
        out.table(
          "% of \(vote.captions) pictures of each kind", Vote.examHeaders, vote.examRows)
        // ANCHOR_END: referees
      },
      Cell("vote", "Five referees") { state, out in
        // ANCHOR: vote
        let vote = try out.recorded("vote", as: Vote.self)
        out.table(
          "\(vote.captions) captions; % of majorities of five, and captions by votes for DALL·E",
          Vote.answerHeaders,
          [
            vote.row("more realistic", vote.realism), vote.row("a better match", vote.match),
            vote.row("more realistic, first picture", vote.firstRealism),
            vote.row("a better match, first picture", vote.firstMatch),
          ])
        out.table(
          "captions by what is right, and the referees' majorities for the better match",
          Vote.truthHeaders, vote.truthRows)
        // ANCHOR_END: vote
        for (i, name) in ["ours", "theirs"].enumerated() {
          let right = vote.isRight.count { $0[i] }
          out.note(name, Estimate(right: right, of: vote.captions).value, .percent(1))
        }
        let wrong = vote.isRight.count { !$0[1] }
        out.note("theirs-wrong", Estimate(right: wrong, of: vote.captions).value, .percent(1))
        let (realism, match) = (PairedVote(vote.realism), PairedVote(vote.match))
        // If referees did not agree more often than their shares of votes make them.
        let byChance = vote.realism[0].indices.reduce(1.0) { product, referee in
          let ours = vote.realism.count { $0[referee] == .first }
          return product * (1 - Double(ours) / Double(vote.captions))
        }
        out.note("all-against-by-chance", byChance * Double(vote.captions), .fixed(1))
        out.note("realism", realism.share(of: .first).value, .percent(1))
        out.note("match", match.share(of: .first).value, .percent(1))
        out.figure(
          "votes",
          Plot(
            "Votes of five referees", x: "votes for DALL·E", y: "captions",
            .columns(
              "more realistic", x: (0...5).map { Double($0) },
              realism.histogram(of: .first).map(Double.init)),
            .columns(
              "a better match", x: (0...5).map { Double($0) },
              match.histogram(of: .first).map(Double.init))),
          "How many of five referees preferred the book's DALL·E, for each of "
            + "\(vote.captions) captions")
      },
      Cell("radius", "Distances of both, sharp and blurred") { state, out in
        // ANCHOR: radius
        let vote = try out.recorded("vote", as: Vote.self)
        out.table(
          "\(vote.captions) pictures, held against as many real ones", Vote.radiusHeaders,
          vote.radii.indices.map(vote.radiusRow))
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
}

/// Both models' pictures for many captions, and what referees and networks say of them.
struct Vote: Codable {
  /// The answers of five referees about each caption.
  private(set) var realism: [[Choice]] = []
  private(set) var match: [[Choice]] = []
  /// The same with DALL·E's first picture, not the best.
  private(set) var firstRealism: [[Choice]] = []
  private(set) var firstMatch: [[Choice]] = []
  /// The radii by which pictures were blurred: the paper's 0, 1, 2, 4 and 8 are of 256 pixels.
  private(set) var radii: [Double] = [0, 0.25, 0.5, 1, 2]
  /// What chapter 1's classifier says of the blurred pictures of each kind.
  private(set) var looks: [Looks] = []
  /// For each caption, whether DALL·E's picture is right, and the rival's.
  private(set) var isRight: [[Bool]] = []
  /// How each referee does on its own.
  private(set) var exams: [Exam] = []

  /// Distances and scores at each radius.
  struct Looks: Codable {
    let name: String
    var frechet: [Double] = []
    var frechetError: [Double] = []
    var inception: [Double] = []
  }

  /// What a referee makes of as many pictures of each kind as there are captions.
  struct Exam: Codable {
    /// The number of real pictures on which its judge reads all claims rightly.
    let read: Int
    /// The numbers of DALL·E's and of the rival's pictures of which it says the same as the judge.
    let agreed: [Int]
    /// The numbers of pictures that its other network finds real: real ones, DALL·E's, the rival's.
    let foundReal: [Int]
  }

  /// The groups of pictures that are left out, one after another, for standard errors.
  private static let groups = 20

  init(
    _ studio: Studio, _ rival: CaptionedGAN, seed: UInt64, progress: (String) -> Void
  ) throws {
    let count = Chapter5.Effort.voteCaptions
    let (real, scenes, captions) = studio.real(.validation, 0..<count, seed: seed)
    let theirs = try rival.draw(oneForEach: captions, seed: seed)  // [n, C, H, W]
    var (best, first): ([Tensor], [Tensor]) = ([], [])
    for i in 0..<count {
      let (drawn, judged) = try studio.draw(
        .validation, i, count: Chapter5.Effort.voteCandidates, seed: seed)
      best.append(drawn.pictures.at(judged.choice, axis: 0))
      first.append(drawn.pictures.at(0, axis: 0))
      if (i + 1) % 50 == 0 { progress("\(i + 1) of \(count) captions") }
    }
    let ours = stack(best, axis: 0)  // [n, C, H, W]
    let panel = try Panel(Pretrained.panel())
    (realism, match) = panel.votes(ours, theirs, scenes)
    (firstRealism, firstMatch) = panel.votes(stack(first, axis: 0), theirs, scenes)
    let right = try [ours, theirs].map { try studio.judge.matches($0, scenes).map(\.isRight) }
    isRight = (0..<count).map { [right[0][$0], right[1][$0]] }
    let (others, shown, _) = studio.real(.validation, 5000..<5000 + count, seed: seed)
    exams = panel.referees.map { referee in
      let readings = referee.judge.judge(Image.pictures(of: others))
      return Exam(
        read: zip(readings, shown).count { $0.shows($1).isRight },
        agreed: zip([ours, theirs], right).map { pictures, right in
          zip(zip(referee.judge.judge(Image.pictures(of: pictures)), scenes), right).count {
            $0.0.shows($0.1).isRight == $1
          }
        },
        foundReal: [others, ours, theirs].map { referee.realism.realism($0).count { $0 > 0 } })
    }
    looks = try [("real", real), ("DALL·E", ours), ("DF-GAN", theirs)].map { name, pictures in
      var looks = Looks(name: name)
      for radius in radii {
        let (features, things) = studio.classifier.describe(gaussianBlur(pictures, radius: radius))
        let reference = studio.classifier.describe(gaussianBlur(others, radius: radius)).features
        let statistics = try FeatureStatistics(reference)
        looks.frechet.append(try frechetDistance(FeatureStatistics(features), statistics))
        let parts = try (0..<Self.groups).map { group in
          let rest = (0..<count).filter { $0 % Self.groups != group }
          return try frechetDistance(
            FeatureStatistics(embedding(features, IndexTensor(rest.map { Int32($0) }))), statistics)
        }
        looks.frechetError.append(jackknifeError(parts))
        looks.inception.append(try InceptionScore(things).mean)
      }
      return looks
    }
  }
}
