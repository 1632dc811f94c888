import Optimization
import Testing

@Suite struct ScheduleTests {
  @Test func `a rate rises in a straight line and falls along half a cosine`() {
    let rate = Schedule.riseAndFall(to: 2, steps: 1000, rise: 100, fall: 20)
    #expect(rate(0) == 0 && rate(50) == 1 && rate(100) == 2)
    #expect(abs(rate(550) - 1.05) < 1e-9)  // half way between 2 and 0.1
    #expect(abs(rate(1000) - 0.1) < 1e-9)
  }

  @Test func `a short run rises for a fifth of its steps`() {
    let rate = Schedule.riseAndFall(to: 1, steps: 50)
    #expect(rate(10) == 1 && rate(9) < 1 && rate(11) < 1)
  }
}
