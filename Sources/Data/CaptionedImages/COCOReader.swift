/// The parts of a COCO file of captions that we read.
private struct COCOCaptions: Decodable {
  struct Picture: Decodable {
    let id: Int
    let file_name: String
  }
  struct Annotation: Decodable {
    let image_id: Int
    let caption: String
  }
  let images: [Picture]
  let annotations: [Annotation]
}

extension Findings {
  /// Reads COCO's captions_….json:
  ///
  ///     {"images": [{"id": 9, "file_name": "0009.jpg", …}, …],
  ///      "annotations": [{"image_id": 9, "caption": "a bowl of fruit", …}, …], …}
  mutating func readCOCO(_ file: String) throws(DataError) {
    let captions = try decode(COCOCaptions.self, from: contents(of: file), file: file)
    var numbers: [Int: Int32] = [:]
    for entry in captions.images {
      let number = picture(entry.file_name)
      // Of two pictures with one id, the first gets the captions.
      numbers[entry.id] = numbers[entry.id] ?? number
    }
    for annotation in captions.annotations {
      if let number = numbers[annotation.image_id] {
        add(caption: annotation.caption, to: number)
      } else {
        report.leaveOut("picture \(annotation.image_id)", .unknownPicture)
      }
    }
  }
}
