// The evidence lower bound, on a model small enough to know the truth.

import DiscreteVAE
import Foundation
import Notebook

extension Chapter3 {
  static var boundCells: [Cell<State>] {
    [
      Cell("bound", "The bound and the truth") { state, out in
        // ANCHOR: bound
        let toy = state.toy
        let rows = (0..<6).map { x -> [any TableValue] in
          let (truth, bound) = (toy.logEvidence(x), toy.bound(x))
          let gap = divergence(toy.guess[x], toy.posterior(x))
          return [x, truth, bound, truth - bound, gap]
        }
        out.table(["picture x", "ln p(x)", "bound", "difference", "KL(q ‖ p(z|x))"], rows)
        // ANCHOR_END: bound
        let errors = (0..<6).map { x in
          abs(
            toy.logEvidence(x) - toy.bound(x) - divergence(toy.guess[x], toy.posterior(x)))
        }
        out.note("agrees", (errors.max() ?? 1) < 1e-6 ? "to 1e−6" : "not")
      },
      Cell("joint", "The bound with a caption") { state, out in
        // ANCHOR: joint
        let toy = state.toy
        var rows: [[any TableValue]] = []
        for x in 0..<3 {
          for y in 0..<2 {
            let truth = toy.logEvidence(x, caption: y)  // ln p(x, y)
            let bound = toy.bound(x, caption: y)
            let gap = divergence(toy.guess[x], toy.posterior(x, caption: y))
            rows.append([x, y, truth, bound, truth - bound, gap])
          }
        }
        out.table(["x", "y", "ln p(x, y)", "bound", "difference", "KL(q ‖ p(z|x,y))"], rows)
        // ANCHOR_END: joint
      },
      Cell("beta", "What β does") { state, out in
        // ANCHOR: beta
        var toy = state.toy
        let rows = [0.1, 0.5, 1, 2, 6.6].map { beta -> [any TableValue] in
          toy.guess[0] = toy.bestGuess(0, beta: beta)
          let q = toy.guess[0]
          let entropy = -q.reduce(0) { $0 + $1 * log($1) }
          return ["\(beta)", entropy, divergence(q, toy.prior()), toy.bound(0)]
        }
        out.table(["β", "entropy of q", "KL(q ‖ p(z))", "bound at β = 1"], rows)
        out.value("truth", toy.logEvidence(0), .fixed(4))
        // ANCHOR_END: beta
      },
    ]
  }
}
