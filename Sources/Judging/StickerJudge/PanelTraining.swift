// How referees learn.

import StickerWorld
import TensorCore
import Training

extension Panel {
  /// The settings of a training.
  public struct Recipe: Codable, Equatable, Sendable {
    /// Steps of each judge.
    public var judgeSteps = 3000
    /// Steps of each realism network.
    public var realismSteps = 800
    /// The random seed of weights and pictures.
    public var seed: UInt64 = 1

    /// The recipe of `dalle train panel`.
    public init() {}
  }

  /// Trains all referees, one after the other. Each draws real pictures of its own; of the drawn ones
  /// each leaves out another part.
  ///
  /// Throws a `TrainingError`.
  ///
  /// - Parameter drawn: Pictures by each model of whose drawing something is to be learnt, [n, 3, 64,
  ///   64] each. All models count alike, however many pictures there are of each.
  public func train(
    _ recipe: Recipe, drawn: [Tensor], terminal: Terminal = .standardError
  ) throws {
    for (i, referee) in referees.enumerated() {
      var random = Random(seed: recipe.seed).split("panel training").split(i)
      try referee.judge.train(
        steps: recipe.judgeSteps, seed: random.next(), terminal: terminal)
      try referee.realism.train(
        steps: recipe.realismSteps, seed: random.next(), real: { Self.real($0, &$1) },
        drawn: { count, random in
          let chosen = (0..<count).map { _ in
            let pictures = drawn[random.integer(below: drawn.count)]
            let number = Self.number(
              below: pictures.shape[0], exceptPart: i, of: referees.count, &random)
            return pictures.at(number, axis: 0)
          }
          return stack(chosen, axis: 0)  // [count, 3, 64, 64]
        }, terminal: terminal)
    }
  }

  /// A random number below `count` that is not `part` modulo `parts`, unless there is only one part.
  static func number(
    below count: Int, exceptPart part: Int, of parts: Int, _ random: inout Random
  ) -> Int {
    while true {
      let number = random.integer(below: count)
      if parts == 1 || number % parts != part { return number }
    }
  }

  /// Real pictures of the train split, [count, 3, 64, 64].
  private static func real(_ count: Int, _ random: inout Random) -> Tensor {
    Tensor(
      StickerWorld.render(
        (0..<count).map { _ in
          let (scene, layout, _) = StickerWorld.sample(.train, using: &random)
          return (scene, layout)
        }, size: PictureTrunk.size))
  }
}
