// How long `dalle train all` trains if the command does not say.

/// The steps of each stage: of the dVAE's first one, of the transformer, of CLIP.
public struct DefaultSteps {
  public let dvae, transformer, clip: Int

  /// For so many pictures; nil for the emoji world, whose pictures never end. A few pictures are soon known by
  /// heart, so each is seen some tens of times and no more; of many, not every one is seen so often.
  public init(pictures: Int?) {
    guard let pictures else {
      (dvae, transformer, clip) = (3000, 6000, 3000)
      return
    }
    func steps(_ visits: Int, batch: Int, in range: ClosedRange<Int>) -> Int {
      min(max(visits * pictures / batch, range.lowerBound), range.upperBound)
    }
    dvae = steps(40, batch: 16, in: 600...6000)
    transformer = steps(20, batch: 16, in: 400...7000)
    clip = steps(20, batch: 64, in: 200...3000)
  }
}
