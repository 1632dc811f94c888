import NeuralNetwork
import TensorCore
import TestSupport
import Testing

@testable import Notebook

@Suite struct OutputTests {
  /// What a cell prints, as text.
  private func said(_ body: (Output) throws -> Void) rethrows -> String {
    let files = ChapterFiles(name: "chapter9-mini", root: "/nowhere", sources: "/nowhere")
    let out = Output(
      cell: "a", chapter: "chapter9-mini", seed: 1, trainingFolder: "", kept: KeptData(files)
    ) { _, _ in }
    try body(out)
    return CellRecord(
      cell: "a", seconds: 0, blocks: out.blocks, values: out.values, figures: []
    ).text
  }

  @Test func `a small matrix is shown with its range, its numbers and its labels`() {
    let matrix = Tensor([[-3.1, 0.2, 5.9], [1, -1.5, -2.38]])
    let text = said {
      $0.show("logits", matrix, rows: ["a", "bb"], columns: ["cat", "dog", "bird"])
    }
    #expect(
      text == """
        logits  [2, 3]  min −3.100  mean 0.020  max 5.900
                 cat     dog    bird
          a   −3.100   0.200   5.900
          bb   1.000  −1.500  −2.380
        """)
  }

  @Test func `leading axes of size 1 do not count, and large tensors take one line`() {
    #expect(
      said { $0.show("x", Tensor([[1, 2]]).reshaped(1, 1, 2)) }
        == "x  [1, 1, 2]  min 1  mean 1.500  max 2\n  1  2")
    #expect(said { $0.show("x", Tensor.ones([2, 2, 2])) } == "x  [2, 2, 2]  min 1  mean 1  max 1")
    #expect(said { $0.show("x", Tensor.ones([9, 1])) } == "x  [9, 1]  min 1  mean 1  max 1")
    #expect(said { $0.show("loss", Tensor(2.30259)) } == "loss  2.303")
    #expect(said { $0.show("ids", IndexTensor([7, 0, 12])) }.hasSuffix("\n  7  0  12"))
    #expect(said { $0.show("none", Tensor.zeros([0, 3])) } == "none  [0, 3]  empty")
  }

  @Test func `corners of a large matrix`() {
    let matrix = Tensor(shape: [10, 9], (0..<90).map(Float.init))
    let text = said { $0.show("m", matrix, corners: true) }
    #expect(
      text == """
        m  [10, 9]  min 0  mean 44.50  max 89
           0   1   2  …   6   7   8
           9  10  11  …  15  16  17
          18  19  20  …  24  25  26
           ⋮   ⋮   ⋮      ⋮   ⋮   ⋮
          63  64  65  …  69  70  71
          72  73  74  …  78  79  80
          81  82  83  …  87  88  89
        """)
  }

  @Test func `NaN and infinity are visible`() {
    let text = said { $0.show("x", Tensor([1.5, .nan, -.infinity])) }
    #expect(text == "x  [3]  min nan  mean nan  max nan\n  1.500  nan  −∞")
  }

  @Test func `a heat map has shades and numbers`() {
    let text = said {
      $0.heatMap("p", Tensor([[0, 0.5], [0.75, 1]]), rows: ["a", "b"], columns: ["x", "y"])
    }
    #expect(
      text == """
        p
                 x        y
        a     0.00  ▒▒ 0.50
        b  ▓▓ 0.75  ██ 1.00
        """)
  }

  @Test func `a table aligns numbers to the right with the same decimals`() {
    let text = said {
      $0.print("before")
      $0.table(
        ["model", "accuracy", "shape", "time"],
        [["linear", 0.41234, "[3]", "3 s"], ["ViT", -12.5, "[10, 2]", "25 min"]])
      $0.print("after")
    }
    #expect(
      text == """
        before

        model   accuracy  shape      time
        ─────────────────────────────────
        linear      0.41  [3]         3 s
        ViT       −12.50  [10, 2]  25 min

        after
        """)
  }

  @Test func `a ledger has a line for each tensor, also from a trace`() {
    let (image, patches) = (Tensor.zeros([1, 3, 64, 64]), Tensor.zeros([1, 64, 192]))
    let expected = """
        image    [1, 3, 64, 64]  12,288
      → patches  [1, 64, 192]    12,288
      """
    #expect(said { $0.ledger(["image": image, "patches": patches]) } == expected)
    let trace = Trace()
    trace.note("image", image)
    trace.note("secret", image)
    trace.note("patches", patches)
    #expect(said { $0.ledger(trace, only: ["image", "patches"]) } == expected)
    #expect(said { $0.ledger(trace) }.contains("→ secret"))
  }

  @Test func `a comparison shows how far two tensors are apart`() {
    let a = Tensor([1, 2, 3])
    let cases: [(Tensor, Bool, String)] = [
      (a, true, "a  exactly equal"),
      (a + 1e-6, true, "a  close, max |Δ| 9.5e−7"),
      (a + 0.5, false, "a  different, max |Δ| 5.0e−1"),
      (Tensor([1, 2]), false, "a  different shapes, [3] and [2]"),
      (Tensor([1, 2, .nan]), false, "a  different, max |Δ| nan"),
    ]
    for (b, isClose, text) in cases {
      var verdict = !isClose
      #expect(said { verdict = $0.compare("a", a, b) } == text)
      #expect(verdict == isClose)
    }
  }

  @Test func `values are printed as the prose shows them`() {
    let text = said {
      $0.value("a", -3.21678)
      $0.value("b", Float(0.91342), .percent(1))
      $0.value("c", 1234567)
      $0.value("d", 2.5, .fixed(3))
      $0.value("e", "[1, 2]")
    }
    #expect(text == "a  −3.217\nb  91.3%\nc  1,234,567\nd  2.500\ne  [1, 2]")
  }

  @Test(arguments: [
    ([5.9, -3.1], ["5.900", "−3.100"]), ([0.00123], ["0.001230"]), ([9.99996], ["10.00"]),
    ([1.2e-7, 1e-9], ["1.200e−7", "1.000e−9"]), ([12345.6], ["12346"]), ([3e7], ["3.000e7"]),
    ([1, 2, 300], ["1", "2", "300"]), ([0], ["0"]), ([-0.0001, 5.5], ["0.000", "5.500"]),
    ([.nan, .infinity, 1.5], ["nan", "∞", "1.500"]), ([999.96], ["1000"]), ([], []),
  ])
  func `numbers of one line share their decimals`(numbers: [Double], texts: [String]) {
    let style = NumberStyle(for: numbers)
    #expect(numbers.map(style.text) == texts)
  }

  @Test func `a record survives writing and reading`() throws {
    let table = Table(["a"], [[1.5]])
    let record = ChapterRecord(
      chapter: "chapter9-mini", seed: 3,
      cells: [
        CellRecord(
          cell: "a", seconds: 1.5,
          blocks: [.text(["x", ""]), .table("t", table), .table("", table)],
          values: [.init(name: "v", text: "−1")],
          figures: [.init(name: "f", file: "f.png", caption: "c", sha256: "00")])
      ])
    let bytes = try record.json()
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "record.json")
    #expect(try ChapterRecord(path: path) == record)
    #expect(try ChapterRecord(path: path).json() == bytes)
  }

  @Test func `seconds stay as they were unless they change much`() {
    func record(_ seconds: Double) -> ChapterRecord {
      ChapterRecord(
        chapter: "c", seed: 1,
        cells: [CellRecord(cell: "a", seconds: seconds, blocks: [], values: [], figures: [])])
    }
    for (old, new, kept) in [(0.1, 0.3, 0.1), (10, 12, 10), (10, 30, 30), (30, 10, 10)] {
      var fresh = record(new)
      fresh.keepSeconds(of: record(old))
      #expect(fresh.cells[0].seconds == kept)
    }
  }
}
