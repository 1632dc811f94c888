// What a caption asks for, taken apart: skills, and the number of claims.

import Chapter5
import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter7 {
  /// The models whose pictures are taken apart.
  private static let shown = [
    "real pictures", "temperature 1", Painter.usualName, Painter.rivalName,
  ]

  static var atomCells: [Cell<State>] {
    [
      Cell("skills", "GenEval's skills") { state, out in
        // ANCHOR: skills
        let audit = try out.recorded("audit", as: Audit.self)
        let scenes = Samples.scenes(0..<audit.captions, seed: out.seed)
        let rows = audit.rows.filter { shown.contains($0.name) }
        out.table(
          "% right, \(audit.captions) captions",
          ["skill", "captions"] + rows.flatMap { [$0.title, "±"] },
          Skill.allCases.map { skill in
            let asked = scenes.indices.filter { skill.isAsked(of: scenes[$0]) }
            return [skill.rawValue, asked.count]
              + rows.flatMap { row in
                let right = asked.count { row.skills[$0].contains(skill) }
                let share = Estimate(right: right, of: asked.count)
                return [share.percent, share.errorPercent]
              }
          } + [
            ["each its colour, if both are there", ""]
              + rows.flatMap { row -> [any TableValue] in
                let both = row.skills.filter { $0.contains(.twoThings) }
                let share = Estimate(
                  right: both.count { $0.contains(.binding) }, of: both.count)
                return [share.percent, share.errorPercent]
              }
          ])
        // ANCHOR_END: skills
      },
      Cell("atoms", "How many claims at once?") { state, out in
        // ANCHOR: atoms
        let audit = try out.recorded("audit", as: Audit.self)
        let scenes = Samples.scenes(0..<audit.captions, seed: out.seed)
        let rows = audit.rows.filter { shown.dropFirst().contains($0.name) }
        // Kinds differ in more than their number of claims, so each has rows of its own.
        let groups = Dictionary(grouping: scenes.indices) { i in
          "\(scenes[i].kind), \(scenes[i].atoms)"
        }.filter { $0.value.count >= 20 }
        func share(_ row: Audit.Row, _ group: String) -> Estimate {
          let asked = groups[group] ?? []
          return Estimate(right: asked.count { row.isRight[$0] }, of: asked.count)
        }
        let names = groups.keys.sorted()
        out.table(
          "% of pictures on which everything is right",
          ["kind and claims", "captions"] + rows.flatMap { [$0.title, "±"] },
          names.map { name in
            [name, groups[name]?.count ?? 0]
              + rows.flatMap { [share($0, name).percent, share($0, name).errorPercent] }
          })
        // ANCHOR_END: atoms
        let row = rows[0]
        let p = Self.chance(row.isRight, scenes.map(\.atoms))
        for usual in rows where usual.name == Painter.usualName {
          let three = share(usual, "bare sticker, 3").value
          out.note("three", three, .percent(1))
          out.note("five", share(usual, "bare sticker, 5").value, .percent(1))
          out.note("expected", pow(three, 5 / 3.0), .percent(1))
        }
        out.figure(
          "atoms",
          Plot(
            "Right pictures by number of claims", x: Axis("claims of a caption", range: 1...7),
            y: "% all right",
            Set(scenes.map(\.kind)).sorted().map { kind in
              let some = names.filter { $0.hasPrefix(kind) }
              return .line(
                kind, x: some.map { Double($0.split(separator: " ").last ?? "") ?? 0 },
                some.map { 100 * share(row, $0).value })
            } + [.line("pⁿ", x: (2...6).map(Double.init), (2...6).map { 100 * pow(p, Double($0)) })]
          ),
          "Pictures by \(row.title) on which all claims of the caption are right, by their number; pⁿ "
            + "with p = \(String(format: "%.2f", p))")
      },
    ]
  }
}

extension Chapter7 {
  /// The p for which pⁿ, summed over captions of n claims each, is the number of right pictures.
  private static func chance(_ isRight: [Bool], _ claims: [Int]) -> Double {
    let right = Double(isRight.count { $0 })
    var (low, high) = (0.0, 1.0)
    for _ in 0..<40 {
      let p = (low + high) / 2
      let sum = claims.reduce(0) { $0 + pow(p, Double($1)) }
      if sum < right { low = p } else { high = p }
    }
    return (low + high) / 2
  }
}

/// What GenEval (Ghosh et al., 2023) asks of pictures, as far as this world has it.
enum Skill: String, CaseIterable, Codable {
  case oneThing = "one thing"
  case twoThings = "two things"
  case colour = "colours"
  case place = "position"
  case binding = "colours of two things"

  /// Whether a caption asks for it.
  func isAsked(of scene: Scene) -> Bool {
    let isPair = scene.stickers.count == 2
    return switch self {
    case .oneThing, .colour: !isPair
    case .twoThings, .place, .binding: isPair
    }
  }

  /// Whether a picture shows it. As in GenEval, a colour or a place counts only with the thing itself.
  func isShown(_ match: CaptionMatch) -> Bool {
    let hasThings = match.isOfItsKind && match.aspects[.thing] == true
    return switch self {
    case .oneThing: match.aspects[.thing] == true
    case .twoThings: hasThings
    case .colour: match.aspects[.thing] == true && match.aspects[.colour] == true
    case .place: hasThings && match.aspects[.relation] == true
    case .binding: match.isBound == true
    }
  }
}

extension Scene {
  /// The claims of a caption but that there is one thing, or two, which every caption says.
  fileprivate var atoms: Int { claims.count - 1 }

  /// What is to be drawn, for tables.
  fileprivate var kind: String {
    switch arrangement {
    case .single(_, _, _, nil): "bare sticker"
    case .single: "with hat or bow"
    case .pair: "pair"
    }
  }
}

extension Samples {
  /// The scenes of samples of the validation split.
  static func scenes(_ numbers: Range<Int>, seed: UInt64) -> [Scene] {
    numbers.map { StickerWorld.sample(.validation, seed: seed, index: $0).scene }
  }
}
