// The vote in rows.

import Evaluation
import Notebook
import StickerJudge

extension Vote {
  /// The number of captions.
  var captions: Int { isRight.count }

  static let examHeaders = [
    "referee", "reads real ones", "agrees with the judge: DALL·E's", "DF-GAN's",
    "finds real: real ones", "DALL·E's", "DF-GAN's",
  ]

  /// How each referee does, in per cent.
  var examRows: [[any TableValue]] {
    exams.enumerated().map { i, exam in
      let counts = [exam.read] + exam.agreed + exam.foundReal
      return [i + 1] + counts.map { Estimate(right: $0, of: captions).percent }
    }
  }

  static let answerHeaders = [
    "", "DALL·E", "±", "DF-GAN", "neither", "0/5", "1/5", "2/5", "3/5", "4/5", "5/5",
  ]

  /// The majorities, and how many captions got how many votes for DALL·E.
  func row(_ question: String, _ answers: [[Choice]]) -> [any TableValue] {
    let vote = PairedVote(answers)
    let ours = vote.share(of: .first)
    return [question, ours.percent, ours.errorPercent, vote.share(of: .second).percent]
      + [vote.share(of: .neither).percent] + vote.histogram(of: .first)
  }

  static let truthHeaders = ["the judge", "captions", "DALL·E", "DF-GAN", "neither"]

  /// What the judge finds right, and what the referees made of it.
  var truthRows: [[any TableValue]] {
    let cases = [
      ("both right", [true, true]), ("only DALL·E's", [true, false]),
      ("only DF-GAN's", [false, true]), ("neither", [false, false]),
    ]
    return cases.map { name, right in
      let votes = match.indices.filter { isRight[$0] == right }.map { majority(match[$0]) }
      return [name, votes.count]
        + [Choice.first, .second, .neither].map { choice in votes.count { $0 == choice } }
    }
  }

  static let radiusHeaders =
    ["radius", "the paper's", "Fréchet: real", "±", "DALL·E", "±", "DF-GAN", "±"]
    + ["Inception: real", "DALL·E", "DF-GAN"]

  /// Distances and scores at the i-th radius. The paper's pictures are four times as wide.
  func radiusRow(_ i: Int) -> [any TableValue] {
    [radii[i], 4 * radii[i]] + looks.flatMap { [$0.frechet[i], $0.frechetError[i]] }
      + looks.map { $0.inception[i] }
  }
}
