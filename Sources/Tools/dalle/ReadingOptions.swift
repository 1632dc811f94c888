import ArgumentParser
import DALLETraining

/// How a transformer is disturbed in reading while it learns.
struct ReadingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "The largest share of a picture's codes that the transformer reads as random ones, so that it learns to look at captions; it falls to 0 over the first half of the steps. (default: 0; for emoji 1)"
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

  /// A recipe with what was asked for.
  func changed(_ recipe: DALLERecipe) -> DALLERecipe {
    var recipe = recipe
    recipe.codeNoise = codeNoise ?? recipe.codeNoise
    recipe.textDropout = textDropout ?? recipe.textDropout
    return recipe
  }

  /// What a resumed run compares.
  var option: [String: String] {
    ["--code-noise": codeNoise, "--text-dropout": textDropout].compactMapValues {
      $0.map { "\($0)" }
    }
  }
}
