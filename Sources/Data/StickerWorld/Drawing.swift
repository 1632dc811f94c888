// How a thing is drawn: a list of layers from back to front, each a shape and a paint. Parts
// form the body of the sticker, shaded and with a fine line of ink around them; details lie flat
// on top.

/// A colour in four tones: in the light, itself, in the shade, and as a line around.
struct Tones: Sendable {
  var light, main, dark, ink: RGB

  /// Tones from four colours 0xRRGGBB.
  init(_ light: Int, _ main: Int, _ dark: Int, _ ink: Int) {
    self.init(light: rgb(light), main: rgb(main), dark: rgb(dark), ink: rgb(ink))
  }

  init(light: RGB, main: RGB, dark: RGB, ink: RGB) {
    self.light = light
    self.main = main
    self.dark = dark
    self.ink = ink
  }

  /// One step darker, for roofs, fins and the far side of things.
  var shaded: Tones { Tones(light: main, main: dark, dark: mix(dark, ink, 0.5), ink: ink) }
  /// One step lighter, for bellies and sails.
  var tinted: Tones {
    Tones(light: RGB(repeating: 1), main: mix(light, RGB(repeating: 1), 0.5), dark: light, ink: ink)
  }
  /// White on every colour, and a pale shade on white itself.
  var contrasting: Tones {
    let isWhite = min(main.x, main.y, main.z) > 0.9
    let paper = isWhite ? mix(main, dark, 0.5) : RGB(repeating: 1)
    return Tones(light: paper, main: paper, dark: mix(paper, dark, 0.4), ink: ink)
  }
  /// Rosy cheeks that show on every colour.
  var blushing: Tones {
    let cheek = mix(main, rgb(0xFF6088), 0.75)
    return Tones(light: cheek, main: cheek, dark: cheek, ink: cheek)
  }
}

func rgb(_ hex: Int) -> RGB {
  RGB(Float(hex >> 16 & 255), Float(hex >> 8 & 255), Float(hex & 255)) / 255
}

/// The paint of a layer: the sticker's own colour in some tone, or a fixed colour.
enum Paint: Sendable {
  case own, shaded, tinted, contrast, blush, ink
  case always(Tones)

  func tones(of own: Tones) -> Tones {
    switch self {
    case .own: own
    case .shaded: own.shaded
    case .tinted: own.tinted
    case .contrast: own.contrasting
    case .blush: own.blushing
    case .ink: Tones(light: own.ink, main: own.ink, dark: own.ink, ink: own.ink)
    case .always(let tones): tones
    }
  }

  static let white = Paint.always(Tones(0xFFFFFF, 0xFFFFFF, 0xC9D3E8, 0x5D6A8C))
  static let shine = Paint.always(Tones(0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF))
  static let lamp = Paint.always(Tones(0xFFF8C8, 0xFFE88A, 0xFFC95A, 0x8A5A20))
  static let black = Paint.always(Tones(0x2B2440, 0x2B2440, 0x2B2440, 0x2B2440))
  static let cream = Paint.always(Tones(0xFFFAEE, 0xFFF0D8, 0xE8C9A0, 0x8A5A3A))
  static let wood = Paint.always(Tones(0xC98A54, 0xA4663A, 0x7A4528, 0x4A2618))
  static let leaf = Paint.always(Tones(0x8FDC5C, 0x4CB050, 0x2A8050, 0x14503C))
  static let gold = Paint.always(Tones(0xFFE98A, 0xFFC93A, 0xEE9422, 0x9A5210))
  static let beak = Paint.always(Tones(0xFFC060, 0xFF9A2A, 0xE06A18, 0x8E3A0C))
  static let flame = Paint.always(Tones(0xFFE070, 0xFF9A2A, 0xF0502A, 0xA82A1A))
  static let glass = Paint.always(Tones(0xE4F8FF, 0xA4E0FA, 0x62B4E8, 0x2E5A90))
  static let rose = Paint.always(Tones(0xFFC4CE, 0xFF9CB0, 0xE87890, 0x9A3A58))
}

/// A shape and its paint.
struct Layer: Sendable {
  enum Style { case part, inset, detail }

  var shape: Shape
  var paint: Paint
  var style: Style
  var opacity: Float = 1
}

/// A part of the body: shaded, inked, and inside the white border.
func part(_ shape: Shape, _ paint: Paint) -> Layer {
  Layer(shape: shape, paint: paint, style: .part)
}

/// A shaded and inked shape inside the body, such as a window.
func inset(_ shape: Shape, _ paint: Paint) -> Layer {
  Layer(shape: shape, paint: paint, style: .inset)
}

/// A flat shape inside the body, such as an eye.
func detail(_ shape: Shape, _ paint: Paint, opacity: Float = 1) -> Layer {
  Layer(shape: shape, paint: paint, style: .detail, opacity: opacity)
}
