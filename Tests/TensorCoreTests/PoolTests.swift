// How many threads there are, and that those without a processor do not waste the time of others.

import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct PoolTests {
  @Test func `threads are as many as processors, or as asked`() {
    func plan(_ processors: Int, _ quota: Int?, _ wish: String?) -> [Int] {
      let plan = ThreadPlan(processors: processors, quota: quota, wish: wish)
      return [plan.present, plan.working]
    }
    #expect(plan(8, nil, nil) == [8, 8] && plan(1, nil, nil) == [1, 1])
    #expect(plan(200, nil, nil) == [64, 64] && plan(0, nil, nil) == [1, 1])
    #expect(plan(64, 2, nil) == [2, 2] && plan(2, 8, nil) == [2, 2] && plan(4, 0, nil) == [1, 1])
    #expect(
      plan(8, nil, "3") == [8, 3] && plan(8, 2, "4") == [4, 4] && plan(8, 4, "1") == [4, 1])
    for wish in ["16", "9999999999"] { #expect(plan(2, nil, wish) == [2, 2]) }
    for wish in ["", "0", "-3", "two", "99999999999999999999"] {
      #expect(plan(2, nil, wish) == [2, 2], "\(wish)")
    }
  }

  @Test func `threads that must take turns soon give way`() {
    #expect(ThreadPlan(processors: 8, quota: nil, wish: nil).patience > 1000)
    #expect(ThreadPlan(processors: 8, quota: 2, wish: nil).patience > 1000)
    #expect(ThreadPlan(processors: 8, quota: 2, wish: "8").patience < 100)
  }

  #if os(Linux)
    /// Two threads on one processor, as when another program has the second one: many small loops
    /// must not take much more processor time than on one thread.
    @Test(
      .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "two processors are needed"),
      .enabled(if: tool("taskset") != nil, "taskset is not installed"))
    func `more threads than processors waste little time`() async {
      await #expect(processExitsWith: .success) {
        func seconds(_ threads: Int) -> Double {
          Threads.count = threads
          let start = clock()
          for _ in 0..<20_000 { parallelFor(16) { chunk in for i in 0..<300 { _ = chunk ^ i } } }
          return Double(clock() - start) / 1e6
        }
        parallelFor(4) { _ in }  // the threads start
        let all = try ProgramRun(sh: "taskset -ap 1 $1", ["\(getpid())"])  // processor 0
        precondition(all.status == 0, all.complaint)
        let (alone, together) = (seconds(1), seconds(2))
        precondition(together < 10 * alone + 1, "\(alone) s, \(together) s")
      }
    }
  #endif
}
