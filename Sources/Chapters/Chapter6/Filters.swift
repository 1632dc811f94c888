// 250 million pairs: what is kept of strangers' captions and pictures.

import CaptionedImages
import Notebook

extension Chapter6 {
  static var filterCells: [Cell<State>] {
    [
      Cell("filters", "Forty pairs, and what the filters say") { _, out in
        // ANCHOR: filters
        func verdict(_ pair: FoundPair) -> DataReport.Reason? {
          objection(to: pair.caption)
            ?? (isTooLong(width: pair.width, height: pair.height) ? .aspectRatio : nil)
        }
        out.table(
          ["pixels", "left out", "caption"],
          foundPairs.map { pair in
            ["\(pair.width)×\(pair.height)", short(verdict(pair)), pair.caption]
          })
        let reasons: [DataReport.Reason] = [.tooShort, .notEnglish, .boilerplate, .aspectRatio]
        for reason in reasons {
          out.value(short(reason), foundPairs.count { verdict($0) == reason })
        }
        out.value("kept", foundPairs.count { verdict($0) == nil })
        // ANCHOR_END: filters
      }
    ]
  }

  /// A word for a reason; nothing for a pair that is kept.
  private static func short(_ reason: DataReport.Reason?) -> String {
    switch reason {
    case .tooShort: "short"
    case .notEnglish: "letters"
    case .boilerplate: "date"
    case .aspectRatio: "shape"
    default: ""
    }
  }
}

/// A picture of the web, as far as a filter looks at it.
struct FoundPair {
  let caption: String
  let width, height: Int

  init(_ caption: String, _ width: Int, _ height: Int) {
    self.caption = caption
    self.width = width
    self.height = height
  }
}

/// Captions and sizes of the kinds that are found beside pictures.
let foundPairs: [FoundPair] = [
  FoundPair("a brown dog asleep on a green sofa", 640, 480),
  FoundPair("two children building a castle of sand", 1024, 768),
  FoundPair("the old lighthouse at the end of the pier", 800, 1200),
  FoundPair("a bowl of ripe cherries beside a window", 600, 600),
  FoundPair("three sailing boats in front of a storm", 1600, 900),
  FoundPair("wedding cake with white roses", 768, 1024),
  FoundPair("a red tram turning a corner in the rain", 1280, 720),
  FoundPair("an owl on a branch looks back over its shoulder", 500, 750),
  FoundPair("portrait of a woman in a blue coat", 900, 1350),
  FoundPair("empty football stadium before sunrise", 1920, 1080),
  FoundPair("handwritten recipe for plum jam", 700, 990),
  FoundPair("a cat inside a paper bag", 480, 480),
  FoundPair("skyline of the city, seen from the ferry", 3000, 900),
  FoundPair("panorama of the valley with the river in flood", 4000, 2001),
  FoundPair("the same valley, cut to two to one", 4000, 2000),
  FoundPair("a giraffe from its hooves to its horns", 400, 1100),
  FoundPair("banner for our summer sale with palm trees", 970, 250),
  FoundPair("sunset", 1024, 683),
  FoundPair("two dogs", 640, 640),
  FoundPair("Grandmother's house", 800, 600),
  FoundPair("IMG_2039.JPG", 4032, 3024),
  FoundPair("DSC 0417 final", 3000, 2000),
  FoundPair("logo", 128, 128),
  FoundPair("red square below circle", 64, 64),
  FoundPair("eine rote Katze auf einem blauen Sofa", 640, 480),
  FoundPair("un petit café au bord de la mer", 1024, 768),
  FoundPair("маяк на берегу моря", 800, 600),
  FoundPair("海边的红色灯塔", 800, 600),
  FoundPair("منارة حمراء على الشاطئ", 800, 600),
  FoundPair("東京 tower at night", 700, 1050),
  FoundPair("$ 19.99 / 24 pcs / 12 x 30 cm", 500, 500),
  FoundPair("11/04 - 18:30", 640, 480),
  FoundPair("Lighthouse, photographed on 12 May 2009", 800, 600),
  FoundPair("Heron taken on the 3rd of June", 1200, 800),
  FoundPair("View from the tower captured on Monday, a little after noon", 1600, 1067),
  FoundPair("The parade, taken on 5th Avenue from a window", 1280, 853),
  FoundPair("A wolf shot on Mars, a painting of the year 2071", 900, 900),
  FoundPair("uploaded on March 8 by a visitor of the museum", 640, 427),
  FoundPair("click here to see the next picture of this series", 320, 240),
  FoundPair("the best offers for insurance in your town today", 728, 400),
]
