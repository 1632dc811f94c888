// The paper's human evaluation: several people choose, and the majority counts (§3.1, figure 7).

import StickerJudge

/// The option with the most votes; of several, the smallest.
public func majority<Option: Hashable & Comparable>(_ votes: [Option]) -> Option {
  precondition(!votes.isEmpty, "a majority needs 1 or more votes")
  var counts: [Option: Int] = [:]
  for vote in votes { counts[vote, default: 0] += 1 }
  // The option with more votes comes first; of equal ones, the smaller.
  let winner = counts.min { a, b in a.value != b.value ? a.value > b.value : a.key < b.key }
  return winner?.key ?? votes[0]
}

/// How often voters preferred one model to another. The paper asked five people about each of 1,000
/// captions, and shows how many tasks got 0/5 … 5/5 of their votes.
///
///     let vote = PairedVote([[.first, .first, .second], [.second, .neither, .neither]])
///     vote.histogram(of: .first)    // [1, 0, 1, 0]
///     vote.share(of: .first).value  // 0.5
public struct PairedVote: Equatable, Sendable {
  /// The number of votes on each task.
  public let voters: Int
  /// For each choice, the number of tasks that gave it 0 … `voters` votes.
  private var histograms: [Choice: [Int]] = [:]
  /// For each choice, the number of tasks whose majority it is.
  private var majorities: [Choice: Int] = [:]

  /// Counts the votes on each task, one of each voter.
  public init(_ votes: [[Choice]]) {
    precondition(!(votes.first ?? []).isEmpty, "there are no votes to count")
    voters = votes[0].count
    for choice in Choice.allCases {
      histograms[choice] = [Int](repeating: 0, count: voters + 1)
      majorities[choice] = 0
    }
    for (task, votes) in votes.enumerated() {
      precondition(
        votes.count == voters, "task \(task) has \(votes.count) votes, not \(voters)")
      for choice in Choice.allCases {
        histograms[choice]?[votes.count { $0 == choice }] += 1
      }
      majorities[majority(votes), default: 0] += 1
    }
  }

  /// The number of tasks.
  public var tasks: Int { majorities.values.reduce(0, +) }

  /// For 0 … `voters`, the number of tasks with that many votes for a choice.
  public func histogram(of choice: Choice) -> [Int] { histograms[choice] ?? [] }

  /// The share of single votes for a choice, 0 … 1.
  public func voteShare(of choice: Choice) -> Double {
    let votes = histogram(of: choice).enumerated().reduce(0) { $0 + $1.offset * $1.element }
    return Double(votes) / Double(tasks * voters)
  }

  /// The share of tasks whose majority a choice is, 0 … 1, with its binomial standard error. Of
  /// choices with as many votes `neither` counts before a picture, and the second before the first.
  public func share(of choice: Choice) -> Estimate {
    Estimate(right: majorities[choice] ?? 0, of: tasks)
  }
}

/// The answers to a question about a model's pictures and its rival's, for programs to read.
public struct VoteShares: Codable, Equatable, Sendable {
  /// The shares of captions whose majority is for the model, for its rival or for neither.
  public let ours, rival, neither: Double
  /// The standard error of `ours`.
  public let standardError: Double
  /// The numbers of captions with 0 … 5 of 5 votes for the model.
  public let histogram: [Int]

  /// The answers of a vote in which the model's pictures came first.
  init(_ vote: PairedVote) {
    (ours, standardError) = (vote.share(of: .first).value, vote.share(of: .first).standardError)
    (rival, neither) = (vote.share(of: .second).value, vote.share(of: .neither).value)
    histogram = vote.histogram(of: .first)
  }

  private enum CodingKeys: String, CodingKey {
    case ours, rival, neither, histogram
    case standardError = "standard_error"
  }
}
