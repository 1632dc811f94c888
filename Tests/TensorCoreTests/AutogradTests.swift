// The history: accumulation, pausing, reuse of memory, long chains, and the traps for misuse.

import Kernels
import TensorCore
import Testing

@Suite("Autograd") struct AutogradTests {
  @Test func `gradients add up until they are cleared`() {
    let w = Tensor([2, 3]).requiringGradient()
    (w * w).sum().backward()
    (w * w).sum().backward()
    #expect(w.gradient?.scalars == [8, 12])
    w.clearGradient()
    #expect(w.gradient == nil)
  }

  @Test func `a value used along several paths receives from all of them`() {
    let x = Tensor([1, 2, 3]).requiringGradient()
    let y = x + x  // both branches hand on the same gradient memory
    let z = (y * x + y + x).sum()  // 2x² + 3x
    z.backward()
    #expect(x.gradient?.scalars == [7, 11, 15])
  }

  @Test func `nothing is recorded where gradients are paused`() {
    let w = Tensor([1, 2]).requiringGradient()
    let y = withoutGradient { (w * 2).sum() }
    #expect(!y.requiresGradient)
    #expect((w * 2).requiresGradient)
    #expect(!w.detached.requiresGradient)
  }

  @Test func `a gradient given from outside is not written to`() {
    let x = Tensor([1, 2]).requiringGradient()
    let upstream = Tensor([1, 1])
    (x.exp() + x.exp()).backward(upstream: upstream)
    #expect(upstream.scalars == [1, 1])
  }

  @Test func `a history of a hundred thousand steps is freed without recursion`() {
    let w = Tensor([1]).requiringGradient()
    var y = w
    for _ in 0..<100_000 { y = y + 0 }
    #expect(y.requiresGradient)
    var z = w
    for _ in 0..<100_000 { z = z + 0 }
    z.sum().backward()
    #expect(w.gradient?.scalars == [1])
  }

  @Test func `a thousand training steps need no more memory than ten`() async {
    // In a process of its own, where no other test takes memory.
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 1)
      let w = Tensor.normal([128, 128], &random).requiringGradient()
      let x = Tensor.normal([256, 128], &random)
      func step() {
        w.clearGradient()
        linear(x, w).gelu().square().mean().backward()
      }
      for _ in 0..<10 { step() }
      let before = Memory.statistics
      for _ in 0..<1000 { step() }
      let after = Memory.statistics
      // Two threads may for the first time need their scratch at once: a block or two more.
      precondition(
        after.live == before.live && after.kept <= before.kept + (4 << 20),
        "memory went from \(before) to \(after)")
    }
  }

  @Test func `bad shapes stop with a sentence that holds the numbers`() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor([1, 2, 3]) + Tensor([1, 2])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.zeros([2, 3]).reshaped(4, 2)
    }
    await #expect(processExitsWith: .failure) {
      _ = matmul(Tensor.zeros([2, 3]), Tensor.zeros([2, 3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.zeros([2, 3])[2, 0]
    }
    await #expect(processExitsWith: .failure) {
      _ = embedding(Tensor.zeros([2, 3]), IndexTensor([2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = SparseKeys(order: [0, 1], runs: [[KeyRun(0, 1)], [KeyRun(1, 2)]])
    }
    await #expect(processExitsWith: .failure) {
      _ = SparseKeys(order: [0, 2], runs: [[KeyRun(0, 1)], [KeyRun(0, 2)]])
    }
    await #expect(processExitsWith: .failure) {
      let y = Tensor([1]).requiringGradient().exp()
      y.backward()
      y.backward()
    }
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.zeros([2, 3]).expect(2, nil, 4, name: "tokens")
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("tokens: expected shape [2, any, 4], got [2, 3]"))
  }
}
