// The paper's human evaluation: several people choose, and the majority counts (§3.1, figure 7).

/// The choice with the most votes; of several, the smallest.
public func majority(_ votes: [Int]) -> Int {
  precondition(!votes.isEmpty, "a majority needs 1 or more votes")
  var counts: [Int: Int] = [:]
  for vote in votes { counts[vote, default: 0] += 1 }
  // The choice with more votes comes first; of equal ones, the smaller.
  let winner = counts.min { a, b in a.value != b.value ? a.value > b.value : a.key < b.key }
  return winner?.key ?? votes[0]
}

/// How often voters preferred one model to another. The paper asked five people about each of 1,000
/// captions, and shows how many tasks got 0/5 … 5/5 of their votes.
///
///     let vote = PairedVote([[1, 1, 0, 1, 1], [0, 0, 1, 0, 0]])
///     vote.histogram       // [0, 1, 0, 0, 1, 0]
///     vote.majorityShare   // 0.5
public struct PairedVote: Equatable, Sendable {
  /// The number of votes on each task.
  public let voters: Int
  /// For 0 … `voters`, the number of tasks with that many votes for model 1.
  public let histogram: [Int]

  /// Counts the votes on each task: 1 for model 1 or 0 for model 0, from each voter.
  public init(_ votes: [[Int]]) {
    precondition(!(votes.first ?? []).isEmpty, "there are no votes to count")
    let voters = votes[0].count
    var histogram = [Int](repeating: 0, count: voters + 1)
    for (task, votes) in votes.enumerated() {
      precondition(
        votes.count == voters && votes.allSatisfy { $0 == 0 || $0 == 1 },
        "task \(task) has the votes \(votes), not \(voters) of 0 or 1")
      histogram[votes.reduce(0, +)] += 1
    }
    (self.voters, self.histogram) = (voters, histogram)
  }

  /// The number of tasks.
  public var tasks: Int { histogram.reduce(0, +) }

  /// The share of tasks with more votes for model 1 than for model 0, 0 … 1.
  public var majorityShare: Double {
    Double(histogram[(voters / 2 + 1)...].reduce(0, +)) / Double(tasks)
  }

  /// The share of single votes for model 1, 0 … 1.
  public var voteShare: Double {
    let votes = histogram.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    return Double(votes) / Double(tasks * voters)
  }
}
