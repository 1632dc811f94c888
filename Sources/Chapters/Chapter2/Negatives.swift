// What hard negatives do, and what a warm image tower does: four runs, with and without each.

import CLIP
import CLIPTraining
import ClassifierTraining
import Notebook
import StickerWorld
import TensorCore
import Training

extension Chapter2 {
  static var negativeCells: [Cell<State>] {
    [
      Cell(
        "negatives", "What hard negatives and a warm start do",
        full: FullRun("four runs of 1,000 steps, about forty minutes on two cores") { state, out in
          try out.keep("negatives", Beginning.allCases.map { try $0.run(state, out) })
        }
      ) { _, out in
        // ANCHOR: negatives
        let runs = try out.recorded("negatives", as: [ShortRun].self)
        out.table(
          ["% right"] + runs.map(\.name),
          runs[0].shares.indices.map { i in
            [runs[0].shares[i].question] + runs.map { $0.shares[i].text }
          })
        // ANCHOR_END: negatives
        for (beginning, run) in zip(Beginning.allCases, runs) {
          for share in run.shares {
            let question = share.question.filter(\.isLetter)
            out.note("\(beginning)-\(question)", share.right, .percent(1))
          }
          out.note("\(beginning)-loss", run.validation.last ?? 0, .fixed(2))
        }
        let steps = runs[0].validation.indices.map { Double(($0 + 1) * 250) }
        out.figure(
          "beginnings",
          Plot(
            "Four short runs", x: "step", y: Axis("loss (nats)", isLogarithmic: true),
            runs.map { .line($0.name, x: steps, $0.validation) }),
          "The loss on 512 validation pictures, measured with hard negatives for all four runs")
      }
    ]
  }

  /// The four runs.
  enum Beginning: String, CaseIterable {
    case warmPlain = "warm, without"
    case warmHard = "warm, with"
    case noisePlain = "noise, without"
    case noiseHard = "noise, with"

    /// Whether the image tower begins as chapter 1's encoder.
    private var isWarm: Bool { [.warmPlain, .warmHard].contains(self) }
    private var hasHardNegatives: Bool { [.warmHard, .noiseHard].contains(self) }

    /// Trains 1,000 steps of 64 pairs, and asks.
    func run(_ state: State, _ out: Output) throws -> ShortRun {
      let recipe = CLIPRecipe(
        steps: 1000, hardNegatives: hasHardNegatives, prefersPairs: true, optimizer: .muon,
        seed: out.seed)
      let matcher = CaptionMatcher(recipe, encoder: isWarm ? state.encoder : nil)
      let card = matcher.card(recipe.notes)
      let whole = out.trainingFolder(card, every: 250)
      let folder = TrainingFolder(
        "\(whole.path)/\(self)", card, every: 250, resume: whole.resume)
      try matcher.train(recipe, folder: folder)
      return ShortRun(
        name: rawValue, shares: try zeroShot(matcher, out) + toldApart(matcher, out),
        validation: try folder.logged("validation").map(\.value))
    }

    /// Classes from one prompt each, on 1,000 single stickers.
    private func zeroShot(_ matcher: CaptionMatcher, _ out: Output) throws -> [Share] {
      var random = out.random.split("zero-shot")
      let test = LabelledStickers(.validation, count: 1000, using: &random)
      let images = matcher.embed(test.images)  // [1000, E]
      return try StickerAttribute.allCases.enumerated().map { i, attribute in
        let classes = try matcher.zeroShotClassifier(
          attribute.words, prompts: [attribute.prompts[0]])  // [classes, E]
        let found = matmul(images, classes, transposeB: true).argmax(axis: 1).values
        let right = zip(found, test.labels[i].values).count { $0 == $1 }
        return Share(Double(right) / 1000, of: 1000, question: "which \(attribute)?")
      }
    }

    /// This caption or that one, for 1,024 pictures of each kind. No caption shows what is held out.
    private func toldApart(_ matcher: CaptionMatcher, _ out: Output) throws -> [Share] {
      try HardNegative.allCases.map { kind in
        var random = out.random.split(kind.rawValue)
        let right = try matcher.accuracy(
          kind, .validation, count: 1024, wrongIn: [.train, .validation], using: &random)
        return Share(right ?? 0, of: 1024, question: kind.rawValue)
      }
    }
  }

  /// What one run learnt.
  struct ShortRun: Codable {
    let name: String
    let shares: [Share]
    /// Every 250 steps.
    let validation: [Float]
  }

  /// How often one question was answered right.
  struct Share: Codable {
    var question = ""
    /// 0 … 1
    let right: Double
    let count: Int

    init(_ right: Double, of count: Int, question: String = "") {
      (self.question, self.right, self.count) = (question, right, count)
    }

    /// The standard error.
    var error: Double { (right * (1 - right) / Double(count)).squareRoot() }
    /// "76.2 ± 1.3", in per cent. "100.0" has no error that the formula knows.
    var text: String {
      error == 0 ? fixed(right) : "\(fixed(right)) ± \(fixed(error))"
    }

    private func fixed(_ share: Double) -> String {
      let tenths = Int((share * 1000).rounded())
      return "\(tenths / 10).\(tenths % 10)"
    }
  }
}
