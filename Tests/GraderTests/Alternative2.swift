import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions'.
enum Alternative2: Chapter2Exercises {
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    func rank(_ symbols: [String], _ place: Int) -> Int {
      merges.firstIndex { $0.left == symbols[place] && $0.right == symbols[place + 1] } ?? .max
    }
    var symbols = word
    while symbols.count > 1 {
      let ranks = (0..<symbols.count - 1).map { rank(symbols, $0) }
      guard let best = ranks.min(), best < .max else { break }
      let pair = merges[best]
      var place = 0
      while place + 1 < symbols.count {
        if symbols[place] == pair.left && symbols[place + 1] == pair.right {
          symbols[place] += symbols.remove(at: place + 1)
        }
        place += 1
      }
    }
    return symbols
  }

  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    let (b, t, d) = (states.shape[0], states.shape[1], states.shape[2])
    var values: [Float] = []
    for caption in 0..<b {
      var end = 0
      for place in 1..<t where ids.values[caption * t + place] > ids.values[caption * t + end] {
        end = place
      }
      for k in 0..<d { values.append(states[caption, end, k]) }
    }
    return Tensor(shape: [b, d], values)
  }

  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    let (n, m, e) = (pictures.shape[0], captions.shape[0], pictures.shape[1])
    var values: [Float] = []
    for i in 0..<n {
      for j in 0..<m {
        var (product, a, b) = (0.0, 0.0, 0.0)
        for k in 0..<e {
          let (x, y) = (Double(pictures[i, k]), Double(captions[j, k]))
          product += x * y
          a += x * x
          b += y * y
        }
        values.append(Float(product / (a * b).squareRoot() * exp(Double(logitScale))))
      }
    }
    return Tensor(shape: [n, m], values)
  }

  /// Row i of softmax over rows, in 64 bits.
  private static func softmax(_ row: [Double]) -> [Double] {
    let largest = row.max() ?? 0
    let weights = row.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  private static func rows(_ logits: Tensor) -> [[Double]] {
    (0..<logits.shape[0]).map { i in (0..<logits.shape[1]).map { Double(logits[i, $0]) } }
  }

  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    let (r, c) = (rows(logits), rows(logits.transposed(0, 1)))
    let n = Double(r.count)
    let sum = r.indices.reduce(0.0) { sum, i in
      sum - log(softmax(r[i])[i]) - log(softmax(c[i])[i])
    }
    return Tensor(Float(sum / (2 * n)))
  }

  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    let (r, c) = (rows(logits).map(softmax), rows(logits.transposed(0, 1)).map(softmax))
    let n = r.count
    let values = (0..<n * n).map { place -> Float in
      let (i, j) = (place / n, place % n)
      return Float((r[i][j] + c[j][i] - (i == j ? 2 : 0)) / Double(2 * n))
    }
    return Tensor(shape: [n, n], values)
  }

  private static func unit(_ vector: [Double]) -> [Double] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return vector.map { $0 / length }
  }

  static func classifier(prompts: [Tensor]) throws -> Tensor {
    let classes = prompts.map { prompts -> [Double] in
      // The sum points where the mean points.
      let sum = rows(prompts).map(unit).reduce([Double](repeating: 0, count: prompts.shape[1])) {
        zip($0, $1).map(+)
      }
      return unit(sum)
    }
    return Tensor(classes.map { $0.map(Float.init) })
  }

  static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    rows(pictures).map { picture in
      let scores = rows(classifier).map { zip(picture, $0).reduce(0) { $0 + $1.0 * $1.1 } }
      return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
  }

  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    let words = caption.components(separatedBy: " ")
    var result: [String] = []
    var found: [(place: Int, colour: String)] = []
    for (place, word) in words.enumerated() {
      guard let own = colours.firstIndex(of: word) else { continue }
      found.append((place, word))
      for (number, colour) in colours.enumerated() where number != own {
        let (before, after) = (words[..<place], words[(place + 1)...])
        result.append((before + [colour] + after).joined(separator: " "))
      }
    }
    if found.count == 2 && found[0].colour != found[1].colour {
      var exchanged = words
      exchanged[found[0].place] = found[1].colour
      exchanged[found[1].place] = found[0].colour
      result.append(exchanged.joined(separator: " "))
    }
    return result
  }

  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    let n = logits.shape[0]
    var (captions, pictures) = (0, 0)
    for i in 0..<n {
      let isBest = (0..<n).allSatisfy {
        logits[i, i] > logits[i, $0] || $0 >= i && logits[i, i] == logits[i, $0]
      }
      let isFound = (0..<n).allSatisfy {
        logits[i, i] > logits[$0, i] || $0 >= i && logits[i, i] == logits[$0, i]
      }
      captions += isBest ? 1 : 0
      pictures += isFound ? 1 : 0
    }
    return (Double(captions) / Double(n), Double(pictures) / Double(n))
  }
}
