import Testing
import TokenizerTraining

@testable import Text

struct TrainingTests {
  @Test func `the most frequent pair merges first, of equals the smaller letters`() {
    // Words: abab ×2, cd ×2. Pairs: ab 4, then ba 2 and cd 2. After "ab": (ab, ab) 2 and cd 2.
    // Single letters come before what was learnt, so cd merges before (ab, ab).
    let tokenizer = Tokenizer.trained(
      on: ["abab cd", "abab cd"], style: .paper, vocabularySize: 300)
    #expect(tokenizer.namedMerges == [["a", "b"], ["c", "d"], ["ab", "ab"]])
    #expect(Array(tokenizer.vocabulary.suffix(3)) == ["ab", "cd", "abab"])
  }

  @Test func `overlapping pairs are merged from the left and counted as they are`() {
    // aaaaa: aa 4; then aa·aa·a: (aa, aa) and (aa, a) once per word; of these "a" is smaller.
    let tokenizer = Tokenizer.trained(
      on: ["aaaaa aaaaa"], style: .paper, vocabularySize: 300)
    #expect(tokenizer.namedMerges == [["a", "a"], ["aa", "a"], ["aa", "aaa"]])
  }

  @Test func `pairs below the minimum stay apart`() {
    let captions = ["red star", "red moon", "red"]
    for (minimum, expected) in [(1, ["red", "star", "moon"]), (3, ["red"]), (4, [])] {
      let tokenizer = Tokenizer.trained(
        on: captions, style: .paper, vocabularySize: 400, minimumCount: minimum)
      for word in ["red", "star", "moon"] {
        #expect((tokenizer.encode(word).count == 1) == expected.contains(word))
      }
    }
  }

  @Test(arguments: TextStyle.allCases)
  func `the vocabulary stops at the requested size`(style: TextStyle) {
    let smallest = style.letters.count + style.specialTokens.count
    for size in [smallest, smallest + 1, smallest + 20] {
      let tokenizer = Tokenizer.trained(
        on: captions(100), style: style, vocabularySize: size)
      #expect(tokenizer.vocabularySize == size)
      #expect(tokenizer.table.merges.count == size - smallest)
    }
    let empty = Tokenizer.trained(on: [String](), style: style, vocabularySize: 16_384)
    #expect(empty.vocabularySize == smallest)
  }

  @Test func `the order of captions changes nothing`() {
    let captions = captions(300)
    let one = Tokenizer.trained(on: captions, style: .paper, vocabularySize: 350)
    let two = Tokenizer.trained(on: captions.reversed(), style: .paper, vocabularySize: 350)
    #expect(one == two)
  }

  @Test func `every pair that merges is the most frequent one left`() {
    // Counted anew at every step, slowly, to check the counts that are kept up to date.
    let captions = captions(60) + ["banana bandana", "anagram mississippi", "aaa aaaa aaaaa"]
    let tokenizer = Tokenizer.trained(
      on: captions, style: .paper, vocabularySize: 400, minimumCount: 1)
    var corpus = captions.flatMap { words(of: $0, .paper) }.map { word in
      word.unicodeScalars.map { String($0) }
    }
    let ranks = Dictionary(uniqueKeysWithValues: zip(tokenizer.vocabulary, 0...))
    for merge in tokenizer.namedMerges {
      var counts: [[String]: Int] = [:]
      for word in corpus {
        for pair in zip(word, word.dropFirst()) { counts[[pair.0, pair.1], default: 0] += 1 }
      }
      let best = counts.max { one, two in
        one.value != two.value
          ? one.value < two.value
          : one.key.map { ranks[$0] ?? 0 }.lexicographicallyPrecedes(two.key.map { ranks[$0] ?? 0 })
            == false
      }
      #expect(merge == best?.key)
      corpus = corpus.map { word in
        word.reduce(into: []) { merged, token in
          if merged.last == merge[0], token == merge[1] {
            merged[merged.count - 1] = merge[0] + merge[1]
          } else {
            merged.append(token)
          }
        }
      }
    }
    #expect(tokenizer.table.merges.count > 60)
  }

  @Test func `the queue gives back what it was given in order`() {
    var queue = MergeQueue()
    let entries: [UInt64] = [5, 3, 8, 3, .max, 0, 7, 5, 1, 9, 2]
    for entry in entries { queue.push(entry) }
    var popped: [UInt64] = []
    while let entry = queue.pop() { popped.append(entry) }
    #expect(popped == entries.sorted())
    queue.push(4)
    #expect(queue.pop() == 4 && queue.pop() == nil)
  }
}
