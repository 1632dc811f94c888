import Foundation

/// The processor as the system names it.
public func processorName() -> String {
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
