import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Images
import Pretrained
import Sheets
import StickerTraining
import TensorCore
import TestSupport
import Testing
import Text
import TokenizerTraining

@testable import TextToImage

@Suite struct TextToImageTests {
  /// A small untrained DALL·E: 16×16 pixels from 4×4 tokens.
  private func dalle() -> TextToImage {
    var random = Random(seed: 1)
    let dvae = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
      &random)
    let tokenizer = Tokenizer.streams(of: Stickers())
    var c = DALLEConfiguration.stickers(vocabulary: tokenizer.vocabularySize)
    (c.imageVocabulary, c.rows, c.columns, c.width, c.layers, c.heads) = (16, 4, 4, 16, 2, 2)
    return TextToImage(
      CaptionedDALLE(DALLERecipe(), c, tokenizer), dvae, CaptionMatcher(CLIPRecipe()))
  }

  @Test func `the first candidates are the same however many are drawn`() throws {
    let dalle = dalle()
    let many = try dalle.draw("a red star", count: 70, seed: 3)
    let few = try dalle.draw("a red star", count: 5, seed: 3)
    #expect(many.pictures.shape == [70, 3, 16, 16] && many.codes.shape == [70, 16])
    #expect(Array(many.codes.values.prefix(5 * 16)) == few.codes.values)
    #expect(try dalle.draw("a red star", count: 5, seed: 4).codes != few.codes)
  }

  @Test func `pictures come in the order of their scores`() throws {
    let dalle = dalle()
    let drawn = try dalle.draw("a red star", count: 9, seed: 3)
    let ranked = try dalle.ranked(drawn, "a red star")
    #expect(Set(ranked.map(\.candidate)) == Set(0..<9))
    let scores = try dalle.scores(drawn.pictures, "a red star")
    for (place, picture) in ranked.enumerated() {
      #expect(picture.score == scores[picture.candidate])
      if place > 0 { #expect(ranked[place - 1].score >= picture.score) }
      let codes = drawn.codes.values[picture.candidate * 16..<picture.candidate * 16 + 16]
      #expect(picture.codes == Array(codes))
    }
  }

  @Test func `a captioner can choose in place of CLIP`() throws {
    let dalle = dalle()
    let tokenizer = dalle.transformer.tokenizer
    var random = Random(seed: 2)
    let sizes = CaptionerConfiguration(
      textVocabulary: tokenizer.vocabularySize, textLength: 20, imageVocabulary: 16, rows: 4,
      columns: 4)
    let captioner = CaptionScorer(Captioner(sizes, &random), tokenizer)
    let other = TextToImage(dalle.transformer, dalle.dvae, captioner)
    let drawn = try dalle.draw("a red star", count: 5, seed: 3)
    let codes = dalle.dvae.encode(drawn.pictures)  // [5, 4, 4]
    let wanted = try captioner.scores(
      IndexTensor(shape: [5, 16], codes.values), "a red star")
    #expect(try other.scores(drawn.pictures, "a red star") == wanted)
    #expect(try other.ranked(drawn, "a red star")[0].score == wanted.max())

    let folder = try TemporaryFolder()
    let path = folder.file("reranker.safetensors")
    try Checkpoint.save(captioner, captioner.card(forCodesOf: dalle.dvae.encoderHash), to: path)
    func loaded(_ dvae: DiscreteVAE) throws -> TextToImage {
      try TextToImage(dalle.transformer, dvae, rerankerIn: Checkpoint(path))
    }
    #expect(try loaded(dalle.dvae).scores(drawn.pictures, "a red star") == wanted)
    let strange = DiscreteVAE(dalle.dvae.configuration, &random)
    #expect(throws: CheckpointError.self) { try loaded(strange) }
    try Checkpoint.save(
      dalle.dvae, ModelCard(kind: DiscreteVAE.kind, config: dalle.dvae.configuration), to: path)
    let error = #expect(throws: CheckpointError.self) { try loaded(dalle.dvae) }
    #expect(error?.description.contains("\"captioner\"") == true)
  }

  @Test func `a sheet of completions begins with the given part`() throws {
    let dalle = dalle()
    let given: [Int32] = [1, 2, 3, 4]  // one row of four
    let beginning = dalle.beginning(given)
    #expect(beginning.width == 16 && beginning.height == 16)
    // The last rows are grey, the first ones are not.
    #expect(beginning[0, 15] == (128, 128, 128) && beginning[15, 8] == (128, 128, 128))
    #expect((0..<16).contains { beginning[$0, 0] != (128, 128, 128) })
    let drawn = try dalle.draw("a red star", count: 3, seed: 3, given: given)
    let ranked = try dalle.ranked(drawn, "a red star")
    #expect(ranked.allSatisfy { $0.codes.starts(with: given) })
    let cells = ranked.map(\.labelled)
    let sheet = Image.sheet(cells, titled: "a red star", given: beginning)
    let plain = Image.sheet(cells, titled: "a red star")
    // Four pictures in rows of three, instead of three in one row.
    #expect(sheet.width == plain.width && sheet.height > plain.height + 160)
  }

  @Test func `a caption that is too long is cut as in training, if that is wanted`() throws {
    let dalle = dalle()
    let long = String(repeating: "a red star ", count: 40)
    #expect(throws: TextError.self) { try dalle.draw(long, count: 1, seed: 3) }
    let (cut, ids) = (
      try dalle.draw(long, count: 1, seed: 3, truncate: true),
      try dalle.transformer.ids(long, truncate: true)
    )
    // The same tokens as those of a caption that just fits.
    let fitting = String(repeating: "a red star ", count: ids.count / 3 + 1)
      .split(separator: " ").prefix(ids.count).joined(separator: " ")
    #expect(try dalle.transformer.ids(fitting) == ids)
    #expect(try dalle.draw(fitting, count: 1, seed: 3).codes.values == cut.codes.values)
    let picture = Image(cut.pictures.at(0, axis: 0)).resized(width: 64, height: 64, .area)
    #expect(throws: TextError.self) { try dalle.matcher.similarities([picture], [long]) }
    let size = dalle.matcher.clip.configuration.vision.imageSize
    let fitted = picture.resized(width: size.columns, height: size.rows, .area)
    #expect(try dalle.matcher.similarities([fitted], [long], truncate: true).item.isFinite)
  }

  @Test func `progress ends when everything is drawn`() throws {
    var seen: [Int] = []
    _ = try dalle().draw("a red star", count: 70, seed: 3) { seen.append($0) }
    #expect(seen == seen.sorted() && seen.last == 70 * 16)
  }

  @Test func `unknown words are named with the nearest known ones`() {
    let dalle = dalle()
    for tokenizer in [dalle.transformer.tokenizer, dalle.matcher.tokenizer] {
      #expect(tokenizer.unknownWords(in: "a red star above a blue house at night").isEmpty)
      let unknown = tokenizer.unknownWords(in: "A yelow dragon, a yelow house!")
      #expect(unknown.map(\.word) == ["yelow", "dragon"])
      #expect(unknown[0].nearest.first == "yellow")
      let nearest = tokenizer.unknownWords(in: "a rde hous, a staar, a staars").map(\.nearest.first)
      #expect(nearest == ["red", "house", "star", "stars"])
      #expect(Set(tokenizer.knownWords).isSuperset(of: ["red", "house", "mushroom"]))
      #expect(tokenizer.unknownWords(in: "звезда 日本").map(\.nearest) == [[], []])
      let signs = tokenizer.unknownWords(in: "3 red stars for a 猫, 👩‍🚀 + 12345 ?! 3").map(\.word)
      #expect(signs.filter { !["stars", "for"].contains($0) } == ["3", "猫", "👩‍🚀", "+", "12345"])
      let all = "a red star @ night + $5 ~ ^ % & # / * _ , . ; : ! ? (x) [x] “y” «y» ‘z’ – — -"
      #expect(
        tokenizer.unknownWords(in: all).map(\.word).filter { !["x", "y", "z"].contains($0) }
          == ["@", "+", "$", "5", "~", "^", "%", "&", "#", "/", "*", "_"])
      #expect(tokenizer.unknownWords(in: String(repeating: "x", count: 10_000)).count == 1)
    }
  }

  @Test func `without a list of words, signs and numbers without a token are unknown`() throws {
    let tokenizer = try Pretrained.transformer().tokenizer
    #expect(tokenizer.wordsRead == nil)
    #expect(tokenizer.unknownWords(in: "a big red star at night").isEmpty)
    let unknown = tokenizer.unknownWords(in: "3 red stars above the 猫 🐱").map(\.word)
    #expect(unknown.filter { $0 != "stars" } == ["3", "猫", "🐱"])
  }

  @Test func `every word of a caption in training is known, however rare it is`() throws {
    let captions = [
      "our dog Bello at lake", "grandmother, 85, with 🎂", "rock & roll @ 9 %", "a ball", "a ball",
    ]
    for style in [TextStyle.paper, .clip] {
      let tokenizer = Tokenizer.trained(on: captions, style: style, vocabularySize: 600)
      // As it comes back from a checkpoint.
      let stored = try Tokenizer(
        note: tokenizer.notes[Tokenizer.note]!, of: tokenizer.notes, in: "file",
        vocabularySize: tokenizer.vocabularySize)
      for tokenizer in [tokenizer, stored] {
        for caption in captions {
          #expect(tokenizer.unknownWords(in: caption).isEmpty, "\(caption)")
        }
        #expect(tokenizer.knownWords.first == "a" && tokenizer.knownWords.contains("grandmother"))
        #expect(tokenizer.unknownWords(in: "Bello at 84").map(\.word) == ["84"])
      }
    }
  }

  @Test func `the distance between words counts letters`() {
    #expect(editDistance("", "abc") == 3 && editDistance("abc", "") == 3)
    #expect(editDistance("house", "mouse") == 1 && editDistance("star", "rats") == 4)
    #expect(editDistance("kitten", "sitting") == 3)
  }
}
