// Training: in full, and with small and large batches.

import CLIP
import CLIPTraining
import Checkpoints
import Notebook
import StickerWorld
import TensorCore
import Training

extension Chapter2 {
  static var trainingCells: [Cell<State>] {
    [
      Cell(
        "training", "4,000 steps, and 4,000 more",
        full: FullRun("twice 4,000 steps of 64 pairs, about fifty minutes on two cores") {
          state, out in
          let recipes = [CLIPRecipe(seed: out.seed), .binding(seed: out.seed)]
          let matcher = CaptionMatcher(recipes[0], encoder: state.encoder)
          let whole = out.trainingFolder(matcher.card(recipes[0].notes), every: 250)
          let path = "\(whole.path)/clip.safetensors"
          var (losses, scales): ([Float], [Float]) = ([], [])
          for (i, recipe) in recipes.enumerated() {
            let folder = TrainingFolder(
              "\(whole.path)/\(i + 1)", matcher.card(recipe.notes), every: 250,
              resume: whole.resume)
            try matcher.train(recipe, folder: folder)
            losses += try folder.logged("loss").map(\.value)
            scales += try folder.logged("scale").map(\.value)
          }
          try Checkpoint.save(matcher, matcher.card(recipes[1].notes), as: .f16, to: path)
          out.print("the trained model is in \(path)")
          try out.keep("curve", Curve(losses: means(losses), scales: means(scales)))
        }
      ) { _, out in
        // ANCHOR: training
        let curve = try out.recorded("curve", as: Curve.self)
        out.value("loss", curve.losses.last ?? 0, .fixed(3))
        out.value("scale", curve.scales.last ?? 0, .fixed(1))
        // ANCHOR_END: training
        let steps = curve.losses.indices.map { Double(($0 + 1) * Curve.interval) }
        out.figure(
          "loss",
          Plot(
            "Training", x: "step", y: Axis("loss (nats)", isLogarithmic: true),
            .line("loss", x: steps, curve.losses)),
          "The contrastive loss with hard negatives, means over 50 steps")
      }
    ]
  }

  static var batchCells: [Cell<State>] {
    [
      Cell(
        "batches", "What the size of a batch does",
        full: FullRun("three runs of 6,400 pairs, about two minutes on two cores") { state, out in
          let rows = try [8, 32, 128].map { batch -> BatchRow in
            let recipe = CLIPRecipe(
              steps: 6_400 / batch, batch: batch, hardNegatives: false, seed: out.seed)
            let matcher = CaptionMatcher(recipe, encoder: state.encoder)
            try matcher.train(recipe)
            var random = out.random
            let found = try matcher.retrieval(.validation, using: &random)
            return BatchRow(
              batch: batch, imageToText: found.imageToText, textToImage: found.textToImage)
          }
          try out.keep("batches", rows)
        }
      ) { _, out in
        // ANCHOR: batches
        let rows = try out.recorded("batches", as: [BatchRow].self)
        out.table(
          ["batch", "steps", "% captions found", "% pictures found"],
          rows.map { [$0.batch, 6_400 / $0.batch, $0.imageToText * 100, $0.textToImage * 100] })
        // ANCHOR_END: batches
      },
      Cell("chunks", "A large batch in small pieces", isAside: true) { state, out in
        // ANCHOR: chunks
        let batch = StickerBatch(.train, count: 32, hardNegatives: false, using: &out.random)
        let clip = state.matcher.clip
        let matrix = clip.vision.patchEmbedding.weight
        let pictures = CLIP.normalised(batch.pictures)  // [32, C, H, W]
        let captions = try state.matcher.ids(batch.captions)  // [32, T]
        func loss(_ images: Tensor, _ texts: Tensor) -> Tensor {
          let logits = similarityLogits(images, texts, logitScale: clip.logitScale)  // [32, 32]
          return contrastiveLoss(logits, excluding: batch.isExcluded)
        }
        loss(clip.embed(images: pictures), clip.embed(captions: captions)).backward()
        let atOnce = matrix.gradient ?? .zeros([0])
        clip.clearGradients()

        // The embeddings alone, then the gradient that the loss has for them.
        let images = withoutGradient { clip.embed(images: pictures) }  // [32, E]
          .requiringGradient()
        let texts = withoutGradient { clip.embed(captions: captions) }  // [32, E]
        loss(images, texts).backward()
        let gradient = images.gradient ?? .zeros([0])  // [32, E]
        for rows in (0..<32).parts(of: 8) {
          let again = clip.embed(images: pictures.sliced(axis: 0, rows))  // [8, E]
          (again * gradient.sliced(axis: 0, rows)).sum().backward()  // the chain rule
        }
        out.show("gradient at once", atOnce)
        out.compare("in pieces of 8 vs. at once", matrix.gradient ?? .zeros([1]), atOnce)
        clip.clearGradients()
        // ANCHOR_END: chunks
      },
    ]
  }

  /// The losses and scales of the full run, means over 50 steps.
  struct Curve: Codable {
    static let interval = 50

    let losses: [Float]
    let scales: [Float]
  }

  /// Retrieval among 256 after training with one size of batches, 0 … 1.
  struct BatchRow: Codable {
    let batch: Int
    let imageToText, textToImage: Double
  }

  /// The means of 50 numbers each.
  private static func means(_ numbers: [Float]) -> [Float] {
    stride(from: 0, to: numbers.count - Curve.interval + 1, by: Curve.interval).map { start in
      numbers[start..<start + Curve.interval].reduce(0, +) / Float(Curve.interval)
    }
  }
}
