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
        let n = vote.realism.count
        func share(_ count: Int) -> String { Estimate(right: count, of: n).percent }
        out.table(
          "% of \(n) pictures of each kind",
          [
            "referee", "reads all of a real one", "agrees with the judge: DALL·E's", "DF-GAN's",
            "finds real: real ones", "DALL·E's", "DF-GAN's",
          ],
          vote.exams.enumerated().map { i, exam in
            [i + 1, share(exam.read)] + exam.agreed.map(share) + exam.foundReal.map(share)
          })
        // ANCHOR_END: referees
      },
      Cell("vote", "Five referees") { state, out in
        // ANCHOR: vote
        let vote = try out.recorded("vote", as: Vote.self)
        let answers = [
          ("more realistic", vote.realism), ("a better match", vote.match),
          ("more realistic, first picture", vote.firstRealism),
          ("a better match, first picture", vote.firstMatch),
        ].map { (question: $0.0, vote: PairedVote($0.1)) }
        out.table(
          "\(answers[0].vote.tasks) captions; % of majorities of five, and captions by votes for DALL·E",
          ["", "DALL·E", "±", "DF-GAN", "neither", "0/5", "1/5", "2/5", "3/5", "4/5", "5/5"],
          answers.map { question, vote in
            let ours = vote.share(of: .first)
            return [question, ours.percent, ours.errorPercent, vote.share(of: .second).percent]
              + [vote.share(of: .neither).percent] + vote.histogram(of: .first)
          })
        // What the judge finds right, and what the referees made of it.
        let cases = [
          ("both right", [true, true]), ("only DALL·E's", [true, false]),
          ("only DF-GAN's", [false, true]), ("neither", [false, false]),
        ]
        out.table(
          "captions by what is right, and the referees' majorities for the better match",
          ["the judge", "captions", "DALL·E", "DF-GAN", "neither"],
          cases.map { name, isRight in
            let tasks = vote.match.indices.filter { vote.isRight[$0] == isRight }
            let votes = tasks.map { majority(vote.match[$0]) }
            return [name, tasks.count]
              + [Choice.first, .second, .neither].map { choice in votes.count { $0 == choice } }
          })
        // ANCHOR_END: vote
        for (i, name) in ["ours", "theirs"].enumerated() {
          let right = vote.isRight.count { $0[i] }
          out.note(name, Estimate(right: right, of: vote.isRight.count).value, .percent(1))
        }
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
          ["radius", "the paper's"] + vote.looks.flatMap { ["\($0.name), Fréchet", "±"] }
            + vote.looks.map { "\($0.name), Inception" },
          vote.radii.enumerated().map { i, radius in
            [radius, 4 * radius] + vote.looks.flatMap { [$0.frechet[i], $0.frechetError[i]] }
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
