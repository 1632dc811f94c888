import Foundation
import Testing

@testable import Training

@Suite struct ProgressBarTests {
  private let screen = Screen()

  @Test func `a line shows the progress and the remaining time`() {
    let progress = ProgressBar("clip", total: 1000, done: 100, to: screen.terminal())
    #expect(
      progress.line(420, "loss 2.314", elapsed: 25.6)
        == "clip 420/1000  loss 2.314  12.5 steps/s  0:46 left")
    #expect(
      progress.line(101, "", elapsed: 8) == "clip 101/1000  8.0 s/step  1:59:52 left")
    #expect(progress.line(1000, "", elapsed: 90) == "clip 1000/1000  10.0 steps/s  in 1:30")
    #expect(progress.line(100, "", elapsed: 0) == "clip 100/1000")
  }

  @Test(arguments: [
    (80, "clip ███████████████░░░░░░░░░░░░░░░ 500/1000  loss 2  10.0 steps/s  0:50 left"),
    (60, "clip ██████░░░░░░ 500/1000  loss 2  10.0 steps/s  0:50 left"),
    (50, "clip 500/1000  loss 2  10.0 steps/s  0:50 left"),
    (20, "clip 500/1000  loss"),
  ])
  func `a bar fits its terminal`(_ columns: Int, _ wanted: String) {
    let progress = ProgressBar(
      "clip", total: 1000, to: screen.terminal(redraws: true, columns: columns))
    let line = progress.line(500, "loss 2", elapsed: 50)
    #expect(line == wanted)
    #expect(line.count < columns)
  }

  @Test func `colours are used only if the terminal has them`() {
    for colours in [true, false] {
      let terminal = screen.terminal(redraws: true, colours: colours)
      let progress = ProgressBar("x", total: 2, to: terminal)
      #expect(progress.line(1, "", elapsed: 1).contains("\u{1B}") == colours)
    }
  }

  @Test func `outside a terminal the first and the last state are printed as lines`() {
    let progress = ProgressBar("x", total: 1000, to: screen.terminal())
    for done in 1...1000 { progress.update(done, "note \(done)") }
    progress.end()
    #expect(screen.lines.count == 2)
    #expect(screen.lines[0].hasPrefix("x 1/1000  note 1  "))
    #expect(screen.lines[1].hasPrefix("x 1000/1000  note 1000  "))
    #expect(!screen.text.contains("\u{1B}") && !screen.text.contains("\r"))
  }

  @Test func `on a terminal a single line is redrawn, and ended`() {
    let progress = ProgressBar("x", total: 1000, to: screen.terminal(redraws: true))
    for done in 1...1000 { progress.update(done, "") }
    progress.end()
    #expect(screen.lines.count == 1 && screen.text.hasSuffix("\n"))
    let drawn = screen.text.split(separator: "\r\u{1B}[K")
    #expect(drawn.first?.contains(" 1/1000") == true)
    #expect(drawn.last?.contains(" 1000/1000") == true)
    #expect(drawn.count < 100)  // not every step
  }

  @Test func `without progress nothing is shown`() {
    ProgressBar("x", total: 10, done: 10, to: screen.terminal(redraws: true)).end()
    #expect(screen.text == "")
  }
}
