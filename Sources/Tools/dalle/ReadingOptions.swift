import ArgumentParser
import DALLETraining
import Optimization

/// How a transformer is disturbed in reading while it learns.
struct ReadingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "The share of pictures in whose place the transformer reads random codes at first, so that it learns to look at captions; it falls to 0 over four fifths of the steps. (default: 0; for emoji 0.5)"
  )
  var codeNoise: Float?
  @Option(
    parsing: .unconditional,
    help:
      "BPE dropout: how often two parts of a word that make a token stay apart. (default: 0.1; for emoji 0)"
  )
  var textDropout: Float?

  func validate() throws {
    for (option, share) in [("--code-noise", codeNoise), ("--text-dropout", textDropout)] {
      guard (0...1).contains(share ?? 0) else {
        throw ValidationError("\(option) must be 0 to 1, got \(share ?? 0)")
      }
    }
  }

  /// The recipe for a world, or for the reader's own pictures in place of stickers, with what was asked for.
  func recipe(for world: WorldName, _ optimizer: OptimizerChoice?) -> DALLERecipe {
    var recipe = world == .emoji ? DALLERecipe.emoji : DALLERecipe()
    if let optimizer, optimizer != recipe.optimizer {
      (recipe.optimizer, recipe.rate) = (optimizer, DALLERecipe.rate(of: optimizer))
    }
    recipe.codeNoise = codeNoise ?? recipe.codeNoise
    recipe.textDropout = textDropout ?? recipe.textDropout
    return recipe
  }

  /// What a resumed run compares: what differs from the usual, by whatever it was chosen.
  func option(for world: WorldName) -> [String: String] {
    let (recipe, usual) = (recipe(for: world, nil), DALLERecipe())
    var values: [String: String] = [:]
    if recipe.codeNoise != usual.codeNoise { values["--code-noise"] = "\(recipe.codeNoise)" }
    if recipe.textDropout != usual.textDropout {
      values["--text-dropout"] = "\(recipe.textDropout)"
    }
    return values
  }
}
