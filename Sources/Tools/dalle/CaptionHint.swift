// Captions that look like options or commands.

import ArgumentParser

/// What helps if arguments were not understood and may be a caption: one begins with a dash, or the
/// first is the name of a command. Nil if neither is so, or help was asked for.
func captionHint(_ arguments: [String]) -> String? {
  guard let first = arguments.first, Set(arguments).isDisjoint(with: ["-h", "--help", "help"])
  else { return nil }
  let command = Dalle.configuration.subcommands.first { $0._commandName == first }
  let commands = [command ?? Generate.self] + (command?.configuration.subcommands ?? [])
  let words = Set(commands.flatMap { $0.helpMessage().split { " ,/[]\n".contains($0) } })
  let places = arguments.prefix { $0 != "--" }.indices
  let dashed = places.first { place in
    let name = arguments[place].prefix { $0 != "=" }
    // A number after an option is its value, however odd.
    let isValue = place > 0 && words.contains(arguments[place - 1][...]) && Double(name) != nil
    return name.count > 1 && name.hasPrefix("-") && !words.contains(name) && !isValue
  }.map { arguments[$0] }
  if let dashed, takesCaptions(command ?? Generate.self) {
    let start = command == nil ? "dalle" : "dalle \(first)"
    return "\"\(dashed)\" is read as an option; if it belongs to a caption, write -- before the "
      + "caption: \(start) -- \"\(dashed)\""
  }
  if command == nil || dashed != nil || arguments.contains(where: { $0.hasPrefix("-") }) {
    return nil
  }
  return "\"\(first)\" is read as a command; if it begins a caption: dalle generate -- "
    + "\"\(arguments.joined(separator: " "))\""
}

/// Whether arguments without a name are captions.
private func takesCaptions(_ command: any ParsableCommand.Type) -> Bool {
  let help = command.helpMessage()
  return help.contains("ARGUMENTS:") && help.contains("caption>")
}
