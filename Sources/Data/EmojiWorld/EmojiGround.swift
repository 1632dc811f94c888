// What stands behind the things: one colour.

import Images

extension EmojiScene.Ground {
  /// Its colour. One that changes from top to bottom costs a dVAE a code for each row, and gives what
  /// stands on it other codes in each.
  package var colour: Image.Color {
    switch self {
    case .white: (255, 255, 255)
    case .pink: (255, 200, 216)
    case .yellow: (253, 228, 140)
    case .sky: (150, 206, 248)
    case .grass: (140, 198, 96)
    case .night: (32, 30, 76)
    }
  }
}
