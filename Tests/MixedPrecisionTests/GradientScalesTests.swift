import Foundation
import MixedPrecision
import Testing

@Suite("Scales of gradients") struct GradientScalesTests {
  /// The scales of two resblocks after each of some updates, of which `bad` names those in which the
  /// second one has a nonfinite gradient.
  private func run(_ scales: inout GradientScales, _ updates: ClosedRange<Int>, bad: Set<Int>) {
    for update in updates {
      let isApplied = scales.update(isFinite: [true, !bad.contains(update)])
      #expect(isApplied == !bad.contains(update))
    }
  }

  private func isClose(_ a: Float, _ b: Double) -> Bool { abs(Double(a) / b - 1) < 1e-4 }

  @Test(arguments: [1, 6]) func `a scale begins at M · 2¹³ and doubles in 1,000 updates`(m: Int) {
    var scales = GradientScales(.paper, resblocks: 2, replicas: m)
    #expect(scales.values == [Float(m) * 8192, Float(m) * 8192])
    run(&scales, 1...1, bad: [])
    #expect(scales.values[0] == Float(m) * 8192 * Float(pow(2, 0.001)))
    run(&scales, 2...1000, bad: [])
    #expect(isClose(scales.values[0], Double(m) * 16384) && scales.values[0] == scales.values[1])
  }

  @Test func `a nonfinite gradient divides its own scale by √2 and skips the update of all`() {
    var scales = GradientScales(.paper, resblocks: 2)
    run(&scales, 1...1, bad: [1])
    #expect(scales.values == [8192 * Float(pow(2, 0.001)), 8192 / Float(2).squareRoot()])
  }

  @Test func `a scale is divided once in 125 updates, and does not grow at a nonfinite gradient`() {
    var scales = GradientScales(.paper, resblocks: 2)
    run(&scales, 1...125, bad: Set(1...125))
    #expect(scales.values[1] == 8192 / Float(2).squareRoot())
    run(&scales, 126...126, bad: [126])
    #expect(isClose(scales.values[1], 4096))
    // After a division and 100 finite updates, another one is still too early.
    run(&scales, 127...226, bad: [])
    let before = scales.values[1]
    run(&scales, 227...227, bad: [227])
    #expect(isClose(before, 4096 * pow(2, 0.1)) && scales.values[1] == before)
  }

  @Test(arguments: [1, 3]) func `scales stay between M · 2⁷ and M · 2²⁴`(m: Int) {
    var scales = GradientScales(.paper, resblocks: 2, replicas: m)
    // 12 divisions by √2 lead from 2¹³ to 2⁷, 11,000 multiplications to 2²⁴.
    run(&scales, 1...1400, bad: Set(1...1400))
    #expect(isClose(scales.values[1], Double(m) * 128))
    run(&scales, 1401...3000, bad: Set(1401...3000))
    #expect(scales.values[1] == Float(m) * 128)
    run(&scales, 3001...10_900, bad: [])
    #expect(scales.values[0] < Float(m) * 0x1p24)
    run(&scales, 10_901...11_100, bad: [])
    #expect(scales.values[0] == Float(m) * 0x1p24)
  }

  @Test func `the paper's numbers can be changed for shorter runs`() {
    #expect(GradientScaling.paper == .perResblock(doubling: 1000, window: 125))
    var scales = GradientScales(.perResblock(doubling: 2, window: 3), resblocks: 2)
    run(&scales, 1...4, bad: [1, 2, 3, 4])
    #expect(isClose(scales.values[0], 4 * 8192) && isClose(scales.values[1], 4096))
  }

  @Test func `one loss scale is halved at a nonfinite gradient and doubled after finite ones`() {
    var scales = GradientScales(.loss(initial: 64, interval: 3), resblocks: 2, replicas: 2)
    #expect(scales.values == [128, 128])
    var seen: [Float] = []
    for update in 1...10 {
      run(&scales, update...update, bad: [3, 7])
      seen.append(scales.values[0])
      #expect(scales.values[0] == scales.values[1])
    }
    #expect(seen == [128, 128, 64, 64, 64, 128, 64, 64, 64, 128])
  }

  @Test func `without scaling a nonfinite gradient only skips its update`() {
    var scales = GradientScales(.none, resblocks: 2, replicas: 4)
    run(&scales, 1...5, bad: [2, 3])
    #expect(scales.values == [1, 1])
  }

  @Test func `the usual loss scale has the numbers of PyTorch's GradScaler`() {
    #expect(GradientScaling.usualLoss == .loss(initial: 65_536, interval: 2000))
  }

  @Test func `a verdict for each resblock is required`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var scales = GradientScales(.paper, resblocks: 4)
      _ = scales.update(isFinite: [true])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("4 resblocks have 4 verdicts, not 1"))
  }
}
