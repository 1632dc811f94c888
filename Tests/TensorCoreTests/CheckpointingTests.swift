// Activation checkpointing: the same bits, less memory, and traps for misuse.

import Foundation
import Kernels
import TensorCore
import Testing

@Suite("Checkpointing") struct CheckpointingTests {
  /// What is done with a body: `checkpointed`, or nothing.
  private typealias Way = (@escaping () -> Tensor) -> Tensor

  /// Runs a body as it is.
  private func recorded(_ body: @escaping () -> Tensor) -> Tensor { body() }

  /// The bits of the gradients that a loss of some parameters leaves in them.
  private func gradients(
    _ parameters: [Tensor], _ loss: ([Tensor]) -> Tensor
  ) -> [[UInt32]?] {
    let fresh = parameters.map { $0.requiringGradient() }
    loss(fresh).backward()
    return fresh.map { $0.gradient?.scalars.map(\.bitPattern) }
  }

  /// Three inputs of the size of a weight [24, 24], and a constant of the same size.
  private func matrices() -> (parameters: [Tensor], constant: Tensor) {
    var random = Random(seed: 3)
    let all = (0..<4).map { _ in Tensor.normal([24, 24], &random) }
    return (Array(all[..<3]), all[3])
  }

  /// A network in which bodies share weights and inputs with one another and with what is around
  /// them, so that every gradient is a sum whose order matters.
  private func network(
    _ p: [Tensor], _ constant: Tensor, _ outer: @escaping Way, _ inner: @escaping Way
  ) -> Tensor {
    let (w, v, x) = (p[0], p[1], p[2])
    let before = linear(x, w).gelu()
    let first = outer { linear(linear(constant, w, adding: x).gelu(), v, adding: before) }
    let second = outer {
      let half = inner { linear(layerNorm(first, nil, nil), w, adding: first) }
      let again = inner { linear(half, v).softmax() }
      return linear(again, w, adding: half) + matmul(first, before)
    }
    let third = outer { x + second }  // hands on the memory of its gradient
    return linear(third + first, w, adding: second).square().sum() + linear(x, v).exp().sum()
  }

  @Test func `gradients are the same bits, however bodies are shared and nested`() {
    let (p, constant) = matrices()
    let usual = gradients(p) { network($0, constant, recorded, recorded) }
    #expect(usual.allSatisfy { $0 != nil })
    #expect(gradients(p) { network($0, constant, checkpointed, recorded) } == usual)
    #expect(gradients(p) { network($0, constant, recorded, checkpointed) } == usual)
    #expect(gradients(p) { network($0, constant, checkpointed, checkpointed) } == usual)
    #expect(
      gradients(p) { p in
        checkpointed { self.network(p, constant, checkpointed, checkpointed) }
      } == usual)
  }

  @Test func `the precision of the forward pass is that of the second run`() {
    let (p, constant) = matrices()
    func bits(_ precision: Precision, _ way: @escaping Way) -> [[UInt32]?] {
      gradients(p) { p in withPrecision(precision) { network(p, constant, way, way) } }
    }
    let rounded = bits(.bf16, recorded)
    #expect(bits(.bf16, checkpointed) == rounded && bits(.f32, recorded) != rounded)
    // A backward pass in another precision than the forward pass.
    let loss = { (p: [Tensor]) in network(p, constant, checkpointed, checkpointed) }
    let fresh = p.map { $0.requiringGradient() }
    let y = loss(fresh)
    withPrecision(.bf16) { y.backward() }
    #expect(fresh.map { $0.gradient?.scalars.map(\.bitPattern) } == bits(.f32, recorded))
  }

  @Test func `a body runs once forward and once backward, an inner one twice`() {
    let w = Tensor([2, 3]).requiringGradient()
    var runs = (outer: 0, inner: 0)
    let y = checkpointed {
      runs.outer += 1
      return checkpointed {
        runs.inner += 1
        return w * w
      } * w
    }
    #expect(runs == (1, 1) && y.requiresGradient && !y.isLeaf)
    y.sum().backward()
    #expect(w.gradient?.scalars == [12, 27])
    #expect(runs == (2, 3))
    let constant = withoutGradient { checkpointed { w * 2 } }
    #expect(!constant.requiresGradient && constant.scalars == [4, 6])
  }

  @Test func `what a body does not depend on gets no gradient`() {
    let (w, x, unused) = (
      Tensor([2, 3]).requiringGradient(), Tensor([5, 7]), Tensor([1, 1]).requiringGradient()
    )
    let y = checkpointed {
      _ = withoutGradient { unused * x }
      return x * w + unused.detached
    }
    (y * 2).sum().backward()
    #expect(w.gradient?.scalars == [10, 14] && unused.gradient == nil)
    #expect(!checkpointed { x * 2 }.requiresGradient)
    // A body that returns what was there before.
    let same = checkpointed { w }
    #expect(same.isLeaf)
    w.clearGradient()
    (same * x).sum().backward()
    #expect(w.gradient?.scalars == [5, 7])
  }

  @Test func `a result from before, which a body only captures, passes its gradient on`() {
    let w = Tensor([2, 3]).requiringGradient()
    let square = w * w
    checkpointed { square * square }.sum().backward()
    #expect(w.gradient?.scalars == [32, 108])
  }

  @Test func `the second run draws the same numbers, and records where gradients are paused`() {
    let w = Tensor([2, 3]).requiringGradient()
    let start = Random(seed: 5)
    var kept: Tensor?
    let y = checkpointed {
      var random = start
      let noise = Tensor.normal([2], &random)
      kept = noise
      return w * noise
    }
    let noise = kept?.scalars
    let loss = y.sum()
    withoutGradient { loss.backward() }
    #expect(w.gradient?.scalars == noise && kept?.scalars == noise)
    #expect((w * 2).requiresGradient)
  }

  @Test func `threads checkpoint beside one another, and one may go back for another`() async {
    let (p, constant) = matrices()
    let usual = gradients(p) { network($0, constant, recorded, recorded) }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<5).allSatisfy { _ in
            gradients(p) { network($0, constant, checkpointed, checkpointed) } == usual
          }
        }
      }
      for await isSame in group { #expect(isSame) }
    }
    let fresh = p.map { $0.requiringGradient() }
    let y = network(fresh, constant, checkpointed, checkpointed)
    await Task.detached { y.backward() }.value
    #expect(fresh.map { $0.gradient?.scalars.map(\.bitPattern) } == usual)
  }

  @Test func `the scope of checkpointed blocks ends, also with an error`() {
    struct Failure: Error {}
    #expect(!areBlocksCheckpointed)
    #expect(throws: Failure.self) { try withCheckpointedBlocks(true) { throw Failure() } }
    #expect(!areBlocksCheckpointed)
    withCheckpointedBlocks(true) {
      withCheckpointedBlocks(false) { #expect(!areBlocksCheckpointed) }
      #expect(areBlocksCheckpointed)
    }
    var runs = 0
    let w = Tensor([2]).requiringGradient()
    func body() -> Tensor {
      runs += 1
      return w * w
    }
    checkpointedIfAsked(body).backward()
    #expect(runs == 1)
    withCheckpointedBlocks(true) { checkpointedIfAsked(body) }.backward()
    #expect(runs == 3)
  }

  @Test func `sixteen blocks take the memory of one, and of the values between them`() async {
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 1)
      let weights = (0..<16).map { _ in
        Tensor.normal([64, 64], deviation: 0.1, &random).requiringGradient()
      }
      let x = Tensor.normal([1024, 64], &random)  // 256 KB
      func highest(_ around: (@escaping () -> Tensor) -> Tensor) -> Int {
        for w in weights { w.clearGradient() }
        Memory.trim()
        let before = Memory.statistics.live
        var y = x
        for w in weights {
          let z = y
          y = around { (0..<8).reduce(z) { y, _ in linear(y, w).gelu() } }
        }
        y.square().mean().backward()
        // Blocks that went back to the system, as only many do, would make the usual way look better.
        let (live, kept) = Memory.statistics
        return live + kept - before
      }
      let usual = highest { $0() }
      let less = highest(checkpointed)
      precondition(usual > 16 * 16 << 18, "\(usual)")
      precondition(less < 48 << 18 && 4 * less < usual, "\(less) of \(usual)")
    }
  }

  @Test func `misuse stops with a sentence`() async {
    func complaint(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    let escaped = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let w = Tensor([2]).requiringGradient()
      var inside: Tensor?
      _ = checkpointed {
        inside = w * w
        return w * 2
      }
      inside?.backward()
    }
    #expect(complaint(escaped).contains("only the result of the body may be used outside"))
    let changed = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let w = Tensor([2]).requiringGradient()
      var runs = 0
      checkpointed {
        runs += 1
        return runs == 1 ? w * w : w.detached
      }.backward()
    }
    #expect(complaint(changed).contains("depended on a parameter, and now it does not"))
    await #expect(processExitsWith: .failure) {
      let w = Tensor([2]).requiringGradient()
      let y = checkpointed { w * w }
      y.backward()
      y.backward()
    }
  }
}
