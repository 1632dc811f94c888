// Where and with what the figures were made.

import Foundation
import Kernels

/// The machine, its load, and the versions of what is compared.
struct Machine: Encodable {
  let processor: String
  let threads: Int
  /// Of the last minute when the program started; a quiet machine has less than 1.
  let load: Double
  let system: String
  let compiler: String
  /// PyTorch's version and what else the peer says of itself.
  var peer: String?

  static var current: Machine {
    var loads = [0.0]
    getloadavg(&loads, 1)
    return Machine(
      processor: processorName(), threads: Threads.count, load: loads[0],
      system: ProcessInfo.processInfo.operatingSystemVersionString, compiler: compilerVersion)
  }

  private static var compilerVersion: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }
}

/// The processor as the system names it.
private func processorName() -> String {
  #if canImport(Darwin)
    var name = [CChar](repeating: 0, count: 256)
    var size = name.count
    let isKnown = sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0) == 0
    return isKnown ? String(cString: name) : "unknown processor"
  #else
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func value(_ key: String) -> String? {
      let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
      return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    guard let name = value("model name") else { return "unknown processor" }
    // Virtual machines often leave the name out: family and model then tell the processor.
    guard let family = value("cpu family"), let model = value("model\t") else { return name }
    return "\(name), family \(family), model \(model)"
  #endif
}
