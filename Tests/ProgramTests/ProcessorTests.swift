// A processor without the instructions of the one that built a program gets a sentence.

import CProcessor
import Foundation
import TestSupport
import Testing

@Suite struct ProcessorTests {
  private func complaint(_ needs: UInt64, _ has: UInt64) -> String? {
    processor_complaint(needs, has).map { String(cString: $0) }
  }

  @Test func `the first set of instructions that is missing is named`() {
    let avx2 = UInt64(1) << UInt64(processor_place_AVX2.rawValue)
    let vnni = UInt64(1) << UInt64(processor_place_AVX512VNNI.rawValue)
    let last = UInt64(1) << UInt64(processor_place_TBM.rawValue)
    #expect(complaint(0, 0) == nil && complaint(avx2, avx2 | vnni) == nil)
    #expect(complaint(avx2 | vnni, vnni)?.contains("with avx2, which this one lacks") == true)
    #expect(complaint(avx2 | vnni, avx2)?.contains("with avx512vnni,") == true)
    #expect(complaint(last, ~last)?.contains("with tbm,") == true)
    for place in 0..<UInt64(processor_place_end.rawValue) {
      let set = UInt64(1) << place
      #expect(complaint(set, set) == nil && complaint(.max, ~set) != nil)
      #expect(complaint(set, ~set)?.split(separator: "\n").count == 1)
    }
  }

  @Test func `this processor has what these tests were built for`() {
    #expect(processor_needs & ~processor_has() == 0)
    #if arch(x86_64) && os(Linux)
      // What the system says of itself, where names are the same.
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      let flags = Set(
        text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? [])
      for (place, name) in [
        (processor_place_AVX, "avx"), (processor_place_AVX2, "avx2"),
        (processor_place_AVX512F, "avx512f"), (processor_place_FMA, "fma"),
      ] where !flags.isEmpty {
        #expect(
          (processor_has() >> UInt64(place.rawValue) & 1 == 1) == flags.contains(Substring(name)))
      }
    #endif
  }

  private static let emulator = tool("qemu-x86_64")
  private static let needsAVX512 =
    processor_needs >> UInt64(processor_place_AVX512F.rawValue) & 1 == 1
  private static let needsAVX = processor_needs >> UInt64(processor_place_AVX.rawValue) & 1 == 1

  @Test(
    .enabled(if: emulator != nil, "qemu-x86_64 is not installed: apt-get install qemu-user"),
    .enabled(if: needsAVX, "these programs run on any processor of their kind"))
  func `all programs say so on an older processor, before any instruction that it lacks`() throws {
    let processors = ["Nehalem"] + (Self.needsAVX512 ? ["Haswell"] : [])
    for (program, arguments) in programs {
      for processor in processors {
        let run = try ProgramRun(
          sh: "exec \"$@\"",
          [Self.emulator ?? "", "-cpu", processor, path(program)] + arguments)
        #expect(run.status == 1, "\(program) on \(processor): \(run.complaint.suffix(300))")
        #expect(run.complaint.contains("error: this program was built for a processor with avx"))
        #expect(run.output.isEmpty, "\(program) on \(processor): \(run.output)")
      }
    }
  }
}
