// Single operations: matrix products, element-wise functions, the optimiser, convolutions, attention.

import NeuralNetwork
import Optimization
import TensorCore

extension Row {
  static var largeProducts: [Row] {
    [(2816, 256, 768), (2816, 256, 1024), (2816, 1024, 256), (512, 512, 512)].map(product)
      + [transposedProduct(1024, 2816, 256)]
  }

  static func product(_ m: Int, _ k: Int, _ n: Int) -> Row {
    Row(
      name: "gemm \(m)x\(k)x\(n)", operations: Work.product(m, k, n), precisions: [.f32, .bf16]
    ) {
      let (x, w) = (Tensor.random([m, k]), Tensor.random([n, k], 2))
      return { _ = linear(x, w) }
    }
  }

  /// The product of a weight's gradient: [K, M]ᵀ · [K, N].
  static func transposedProduct(_ m: Int, _ k: Int, _ n: Int) -> Row {
    Row(
      name: "gemm transposed \(m)x\(k)x\(n)", operations: Work.product(m, k, n),
      precisions: [.f32, .bf16]
    ) {
      let (g, x) = (Tensor.random([k, m]), Tensor.random([k, n], 2))
      return { _ = matmul(g, x, transposeA: true) }
    }
  }

  static var smallProducts: [Row] {
    [
      (1, 256, 768), (4, 256, 768), (8, 256, 768), (16, 256, 768), (16, 1024, 256),
      (16, 256, 8192),
    ].map { m, k, n in
      Row(name: "gemm packed \(m)x\(k)x\(n)", operations: Work.product(m, k, n)) {
        let (x, w) = (Tensor.random([m, k]), PackedWeight(Tensor.random([n, k], 2)))
        return { _ = w(x) }
      }
    }
  }

  static var elementwise: [Row] {
    [
      Row(name: "exp") {
        let x = Tensor.random([2816, 256])
        return { _ = x.exp() }
      },
      Row(name: "1,000 small additions forward+backward") {
        let (a, b) = (
          Tensor.random([4]).requiringGradient(), Tensor.random([4], 2).requiringGradient()
        )
        let g = Tensor.random([4], 3)
        return {
          for _ in 0..<1000 {
            a.clearGradient()
            b.clearGradient()
            (a + b).backward(upstream: g)
          }
        }
      },
      Row(name: "gelu") {
        let x = Tensor.random([2816, 1024])
        return { _ = x.gelu() }
      },
      Row(name: "gelu forward+backward") {
        let (x, g) = (
          Tensor.random([2816, 1024]).requiringGradient(), Tensor.random([2816, 1024], 2)
        )
        return {
          x.clearGradient()
          x.gelu().backward(upstream: g)
        }
      },
      Row(name: "softmax") {
        let x = Tensor.random([22528, 88])
        return { _ = x.softmax() }
      },
      Row(name: "softmax forward+backward") {
        let (x, g) = (
          Tensor.random([22528, 88]).requiringGradient(), Tensor.random([22528, 88], 2)
        )
        return {
          x.clearGradient()
          x.softmax().backward(upstream: g)
        }
      },
      Row(name: "layer norm") {
        let (x, w, b) = (
          Tensor.random([2816, 256]), Tensor.random([256], 2), Tensor.random([256], 3)
        )
        return { _ = layerNorm(x, w, b) }
      },
      Row(name: "layer norm forward+backward") {
        let x = Tensor.random([2816, 256]).requiringGradient()
        let (w, b) = (
          Tensor.random([256], 2).requiringGradient(), Tensor.random([256], 3).requiringGradient()
        )
        let g = Tensor.random([2816, 256], 4)
        return {
          for tensor in [x, w, b] { tensor.clearGradient() }
          layerNorm(x, w, b).backward(upstream: g)
        }
      },
    ]
  }

  static var optimizer: [Row] {
    [
      Row(name: "adamw") {
        var random = Random(seed: 1)
        let model = LanguageModel(.benchmark, &random)
        for (_, parameter) in model.parameters { parameter.gradient = parameter * 0.1 }
        let adam = Adam(model, rate: 1e-4, decay: .decoupled(0.045))
        return { adam.step() }
      }
    ]
  }

  static var convolutions: [Row] {
    [(64, 64, 32), (128, 128, 16), (32, 64, 64)].flatMap { inputs, outputs, size in
      [false, true].map { convolution(inputs, outputs, size: size, backward: $0) }
    }
  }

  /// 3×3, over `batch` pictures of size × size places.
  static func convolution(
    _ c: Int, _ o: Int, size: Int, batch: Int = 16, backward: Bool
  ) -> Row {
    let forward = Work.convolution(places: batch * size * size, c, o, kernel: 3)
    let shape = [batch, size, size, c]
    let name = "conv3x3 \(c)->\(o) \(size)x\(size)"
    if !backward {
      return Row(name: name, operations: forward, precisions: [.f32, .bf16]) {
        let (x, w) = (Tensor.random(shape), Tensor.random([o, c, 3, 3], 2))
        let b = Tensor.random([o], 3)
        return { _ = convolution2D(x, w, b, padding: 1) }
      }
    }
    return Row(
      name: "\(name) forward+backward", operations: Work.trained(forward),
      precisions: [.f32, .bf16]
    ) {
      let x = Tensor.random(shape).requiringGradient()
      let w = Tensor.random([o, c, 3, 3], 2).requiringGradient()
      let b = Tensor.random([o], 3).requiringGradient()
      let g = Tensor.random([batch, size, size, o], 4)
      return {
        for tensor in [x, w, b] { tensor.clearGradient() }
        convolution2D(x, w, b, padding: 1).backward(upstream: g)
      }
    }
  }

  static var attentions: [Row] {
    [false, true].map { causalAttention(batch: 32, positions: 88, width: 256, backward: $0) }
  }

  static func causalAttention(batch: Int, positions: Int, width: Int, backward: Bool) -> Row {
    let forward = Work.attention(pairs: batch * Work.causalPairs(positions), width: width)
    func inputs() -> [Tensor] { (1...3).map { .random([batch, positions, width], $0) } }
    if !backward {
      return Row(name: "attention causal", operations: forward) {
        let qkv = inputs()
        return { _ = attention(qkv[0], qkv[1], qkv[2], heads: 8, mask: .causal) }
      }
    }
    return Row(name: "attention causal forward+backward", operations: Work.trained(forward)) {
      let qkv = inputs().map { $0.requiringGradient() }
      let g = Tensor.random([batch, positions, width], 4)
      return {
        for tensor in qkv { tensor.clearGradient() }
        attention(qkv[0], qkv[1], qkv[2], heads: 8, mask: .causal).backward(upstream: g)
      }
    }
  }
}
