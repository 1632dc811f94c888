// What is timed. Each row has the same name and does the same work as its twin in
// peers/peer.py: results are allocated, not written into given memory, and a backward row
// builds its history and clears its gradients.

import CLIP
import CLIPTraining
import NeuralNetwork
import Optimization
import TensorCore
import VisionTransformer

/// A piece of work, ready to be run again and again.
struct Row {
  let name: String
  let prepare: () -> () -> Void

  static var all: [Row] {
    largeProducts + smallProducts + elementwise + optimizer + convolutions + attentions
      + layers + drawing + trainingSteps
  }

  private static func random(_ shape: [Int], _ seed: UInt64 = 1) -> Tensor {
    var random = Random(seed: seed)
    return .uniform(shape, -1, 1, &random)
  }

  private static var largeProducts: [Row] {
    [(2816, 256, 768), (2816, 256, 1024), (2816, 1024, 256), (512, 512, 512)].map { m, k, n in
      Row(name: "gemm \(m)x\(k)x\(n)") {
        let (x, w) = (random([m, k]), random([n, k], 2))
        return { _ = linear(x, w) }
      }
    } + [
      Row(name: "gemm transposed 1024x2816x256") {
        let (g, x) = (random([2816, 1024]), random([2816, 256], 2))
        return { _ = matmul(g, x, transposeA: true) }
      }
    ]
  }

  private static var smallProducts: [Row] {
    [
      (1, 256, 768), (4, 256, 768), (8, 256, 768), (16, 256, 768), (16, 1024, 256),
      (16, 256, 8192),
    ].map { m, k, n in
      Row(name: "gemm packed \(m)x\(k)x\(n)") {
        let (x, w) = (random([m, k]), PackedWeight(random([n, k], 2)))
        return { _ = w(x) }
      }
    }
  }

  private static var elementwise: [Row] {
    [
      Row(name: "exp") {
        let x = random([2816, 256])
        return { _ = x.exp() }
      },
      Row(name: "1,000 small additions forward+backward") {
        let (a, b) = (random([4]).requiringGradient(), random([4], 2).requiringGradient())
        let g = random([4], 3)
        return {
          for _ in 0..<1000 {
            a.clearGradient()
            b.clearGradient()
            (a + b).backward(upstream: g)
          }
        }
      },
      Row(name: "gelu") {
        let x = random([2816, 1024])
        return { _ = x.gelu() }
      },
      Row(name: "gelu forward+backward") {
        let (x, g) = (random([2816, 1024]).requiringGradient(), random([2816, 1024], 2))
        return {
          x.clearGradient()
          x.gelu().backward(upstream: g)
        }
      },
      Row(name: "softmax") {
        let x = random([22528, 88])
        return { _ = x.softmax() }
      },
      Row(name: "softmax forward+backward") {
        let (x, g) = (random([22528, 88]).requiringGradient(), random([22528, 88], 2))
        return {
          x.clearGradient()
          x.softmax().backward(upstream: g)
        }
      },
      Row(name: "layer norm") {
        let (x, w, b) = (random([2816, 256]), random([256], 2), random([256], 3))
        return { _ = layerNorm(x, w, b) }
      },
      Row(name: "layer norm forward+backward") {
        let x = random([2816, 256]).requiringGradient()
        let (w, b) = (random([256], 2).requiringGradient(), random([256], 3).requiringGradient())
        let g = random([2816, 256], 4)
        return {
          for tensor in [x, w, b] { tensor.clearGradient() }
          layerNorm(x, w, b).backward(upstream: g)
        }
      },
    ]
  }

  private static var optimizer: [Row] {
    [
      Row(name: "adamw") {
        var random = Random(seed: 1)
        let model = LanguageModel(&random)
        for (_, parameter) in model.parameters { parameter.gradient = parameter * 0.1 }
        let adam = Adam(model, rate: 1e-4, decay: .decoupled(0.045))
        return { adam.step() }
      }
    ]
  }

  private static var convolutions: [Row] {
    [(64, 64, 32), (128, 128, 16), (32, 64, 64)].flatMap { c, o, size in
      [
        Row(name: "conv3x3 \(c)->\(o) \(size)x\(size)") {
          let (x, w) = (random([16, size, size, c]), random([o, c, 3, 3], 2))
          let b = random([o], 3)
          return { _ = convolution2D(x, w, b, padding: 1) }
        },
        Row(name: "conv3x3 \(c)->\(o) \(size)x\(size) forward+backward") {
          let x = random([16, size, size, c]).requiringGradient()
          let w = random([o, c, 3, 3], 2).requiringGradient()
          let b = random([o], 3).requiringGradient()
          let g = random([16, size, size, o], 4)
          return {
            for tensor in [x, w, b] { tensor.clearGradient() }
            convolution2D(x, w, b, padding: 1).backward(upstream: g)
          }
        },
      ]
    }
  }

  private static var attentions: [Row] {
    [
      Row(name: "attention causal") {
        let (q, k, v) = (
          random([32, 88, 256]), random([32, 88, 256], 2), random([32, 88, 256], 3)
        )
        return { _ = attention(q, k, v, heads: 8, mask: .causal) }
      },
      Row(name: "attention causal forward+backward") {
        let q = random([32, 88, 256]).requiringGradient()
        let k = random([32, 88, 256], 2).requiringGradient()
        let v = random([32, 88, 256], 3).requiringGradient()
        let g = random([32, 88, 256], 4)
        return {
          for tensor in [q, k, v] { tensor.clearGradient() }
          attention(q, k, v, heads: 8, mask: .causal).backward(upstream: g)
        }
      },
    ]
  }

  static var trainingSteps: [Row] {
    dalleSteps + [
      Row(name: "transformer training step") {
        var random = Random(seed: 1)
        let model = LanguageModel(&random)
        let count = LanguageModel.batch * (LanguageModel.tokens + 1)
        let ids = (0..<count).map { _ in Int32(random.integer(below: LanguageModel.vocabulary)) }
        let shape = [LanguageModel.batch, LanguageModel.tokens]
        let inputs = IndexTensor(shape: shape, Array(ids.dropLast(LanguageModel.batch)))
        let next = IndexTensor(Array(ids.dropFirst(LanguageModel.batch)))
        let adam = Adam(model, rate: 3e-4, betas: (0.9, 0.96), decay: .decoupled(0.045))
        return {
          model.clearGradients()
          model.loss(inputs, next: next).backward()
          adam.step()
        }
      },
      Row(name: "vision transformer training step") {
        var random = Random(seed: 1)
        let model = ViT(.stickers, classes: 14, &random)
        let images = Tensor.uniform([64, 3, 64, 64], 0, 1, &random)
        let labels = IndexTensor((0..<64).map { Int32($0 % 14) })
        let adam = Adam(model, rate: 1e-3, decay: .decoupled(0.05))
        return {
          model.clearGradients()
          crossEntropy(model(images), labels).backward()
          adam.step()
        }
      },
      Row(name: "CLIP training step") {
        var random = Random(seed: 1)
        let model = CLIP(.stickers, &random)
        let images = Tensor.uniform([64, 3, 64, 64], 0, 1, &random)
        let ids = IndexTensor(
          shape: [64, 20], (0..<64 * 20).map { _ in Int32(random.integer(below: 676)) })
        let adam = Adam(model, rate: 1e-3, betas: (0.9, 0.98), decay: .decoupled(0.1))
        return {
          model.clearGradients()
          contrastiveLoss(
            similarityLogits(
              model.embed(images: images), model.embed(captions: ids),
              logitScale: model.logitScale)
          ).backward()
          adam.step()
          model.clampLogitScale()
        }
      },
      Row(name: "CLIP training step, 1,024 pairs in chunks of 64") {
        var random = Random(seed: 1)
        let model = CLIP(.stickers, &random)
        let images = Tensor.uniform([1024, 3, 64, 64], -1, 1, &random)
        let ids = IndexTensor(
          shape: [1024, 20], (0..<1024 * 20).map { _ in Int32(random.integer(below: 676)) })
        let adam = Adam(model, rate: 1e-3, betas: (0.9, 0.98), decay: .decoupled(0.1))
        return {
          model.clearGradients()
          _ = model.backward(images, ids, chunk: 64)
          adam.step()
        }
      },
      Row(name: "conv net training step") {
        var random = Random(seed: 1)
        let model = ResidualNet(&random)
        let pictures = Tensor.uniform(
          [ResidualNet.batch, 3, ResidualNet.size, ResidualNet.size], 0, 1, &random)
        let labels = IndexTensor((0..<ResidualNet.batch).map { Int32($0 % ResidualNet.classes) })
        let adam = Adam(model, rate: 1e-3)
        return {
          model.clearGradients()
          model.loss(pictures, labels).backward()
          adam.step()
        }
      },
    ]
  }
}

extension CLIPConfiguration {
  /// Chapter 2's model, with its twin's numbers.
  fileprivate static var stickers: CLIPConfiguration {
    CLIPConfiguration(
      text: .init(vocabulary: 676, context: 20, width: 128, layers: 3, heads: 4),
      vision: ViTConfiguration(
        imageSize: 64, patch: 8, width: 128, layers: 6, heads: 4, activation: .quickGelu,
        epsilon: 1e-5), projection: 128)
  }
}
