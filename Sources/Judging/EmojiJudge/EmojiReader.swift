import Images

/// Reads what pictures of the emoji world show: `EmojiJudge`, which knows the drawings, or `EmojiNet`, which
/// has learnt them.
public protocol EmojiReader {
  /// What each picture shows.
  func read(_ pictures: [Image]) -> [EmojiReading]
}
