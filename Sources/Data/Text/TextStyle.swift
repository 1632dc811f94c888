// Three ways to prepare a caption for BPE. They differ in how they change the text before it is
// cut into words, in what a word is, and in whether the end of a word is marked.

/// How captions are normalised and cut into words.
public enum TextStyle: String, Sendable, CaseIterable {
  /// DALL·E's own: lower-case; words are runs of a–z; every other character stands alone, so
  /// digits are never merged and spaces belong to no word. Decoding gives the lower-cased text.
  ///
  /// The paper only says "lowercased"; the rest is the author's answer in openai/DALL-E#22.
  case paper
  /// GPT-2's: the text stays as it is, and a word includes the space before it. Decoding gives the
  /// text.
  case byteLevel
  /// CLIP's: the text is cleaned as by `cleaned`, white space only separates words, and the
  /// last letter of a word carries `</w>`. Decoding gives the words with a space after each.
  case clip

  /// The mark that the last letter of a word carries in the vocabulary.
  var wordEnd: String { self == .clip ? "</w>" : "" }

  /// The tokens of single bytes in the order of their ids, which is the order of the letters;
  /// after them, if the style marks the ends of words, the same again with that mark.
  package var letters: [String] {
    let letters = ByteAlphabet.letters.sorted().map { String($0) }
    return wordEnd.isEmpty ? letters : letters + letters.map { $0 + wordEnd }
  }

  /// Tokens that no text produces, in the order of their ids.
  package var specialTokens: [String] {
    switch self {
    case .paper, .byteLevel: ["<pad>", "<bos>", "<eos>"]
    case .clip: ["<|startoftext|>", "<|endoftext|>"]
    }
  }

  /// A whole vocabulary in the order of its ids: letters, learnt tokens, and special tokens, which
  /// come first or, in CLIP's, last.
  package func vocabulary(learnt: [String]) -> [String] {
    self == .clip ? letters + learnt + specialTokens : specialTokens + letters + learnt
  }

  /// The caption in the form that is cut into words.
  package func normalized(_ caption: String) -> String {
    switch self {
    case .paper: caption.lowercased()
    case .byteLevel: caption
    case .clip: cleaned(caption)
    }
  }
}
