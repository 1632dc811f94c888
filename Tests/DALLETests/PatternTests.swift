import DALLE
import TensorCore
import Testing

@Suite struct PatternTests {
  static let kinds: [AttentionKind] = [
    .full, .row, .column, .sameRow, .upperLeft(kernel: 3), .convolution(kernel: 5, .raster),
    .convolution(kernel: 3, .clipped), .convolution(kernel: 3, .wrapped),
  ]

  /// Rows, columns, and the number of positions left out at the end.
  static let grids = [(4, 4, 0), (1, 7, 1), (7, 1, 1), (3, 5, 0), (5, 3, 1), (1, 1, 0)]

  @Test(arguments: kinds)
  func `sparse attention equals dense attention with the mask`(kind: AttentionKind) {
    var random = Random(seed: 1)
    for (rows, columns, less) in Self.grids {
      let pattern = AttentionPattern(
        kind, text: 3, rows: rows, columns: columns, positions: 3 + rows * columns - less)
      let (s, d) = (pattern.positions, 12)
      let qkv = Tensor.normal([2, s, 3 * d], &random).requiringGradient()
      let upstream = Tensor.normal([2, s, d], &random)
      let sparse = sparseAttention(qkv, heads: 2, pattern.keys)
      sparse.backward(upstream: upstream)
      let gradient = qkv.gradient ?? .zeros([0])
      qkv.clearGradient()
      let parts = (0..<3).map { qkv.sliced(axis: 2, $0 * d..<($0 + 1) * d) }
      let dense = attention(
        parts[0], parts[1], parts[2], heads: 2, mask: .allowed(pattern.mask))
      dense.backward(upstream: upstream)
      #expect((sparse - dense).abs().maximum().item <= 1e-5, "\(kind), \(rows)×\(columns)")
      let difference = (gradient - (qkv.gradient ?? .zeros([0]))).abs().maximum().item
      #expect(difference <= 1e-4, "\(kind), \(rows)×\(columns)")
    }
  }

  @Test func `windows of raster offsets are those of the paper's figure`() {
    // 3×3 on a grid of 4×4: a query sees 0, 1, 3, 4 and 5 places back.
    let pattern = AttentionPattern(
      .convolution(kernel: 3, .raster), text: 0, rows: 4, columns: 4)
    let back = (0...10).filter { pattern.allows(10, 10 - $0) }
    #expect(back == [0, 1, 3, 4, 5])
    // 11×11 on 32×32: 61 offsets, and the counts of the appendix.
    func paper(_ kind: AttentionKind) -> AttentionPattern {
      AttentionPattern(kind, text: 0, rows: 32, columns: 32)
    }
    let window = paper(.convolution(kernel: 11, .raster))
    #expect((0...600).count { window.allows(600, 600 - $0) } == 61)
    #expect((window.meanImageKeys * 1024).rounded() == 57_169)
    #expect(abs(paper(.row).meanImageKeys - 32.48) < 0.01)
    #expect(paper(.column).meanImageKeys == 16.5)
    #expect(paper(.full).meanImageKeys == 512.5)
  }

  @Test func `the paper's last layer is always convolutional`() {
    for layers in [1, 2, 4, 6, 10, 64] {
      let c = DALLEConfiguration(layers: layers)
      let kinds = (0..<layers).map(c.kind)
      #expect(kinds.last == .convolution(kernel: 11, .raster))
      for (i, kind) in kinds.dropLast().enumerated() {
        #expect(kind == (i % 4 == 1 ? .column : .row))
      }
    }
  }
}
