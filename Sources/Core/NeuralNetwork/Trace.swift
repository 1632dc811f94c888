import TensorCore

/// Tensors that a model notes by name while it runs.
///
/// Chapters show them and tests compare them with other implementations. A model takes an
/// optional trace, so a run that wants nothing noted pays nothing:
///
///     let trace = Trace()
///     let logits = model(images, trace: trace)
///     trace["layer.0.q"]  // [B, h, T, Dh]
public final class Trace {
  /// What has been noted, in the order of the run.
  public private(set) var entries: [(name: String, tensor: Tensor)] = []

  /// A trace that is empty as yet.
  public init() {}

  /// The tensor noted under `name`, the last one if there are several.
  public subscript(name: String) -> Tensor? { entries.last { $0.name == name }?.tensor }

  /// Notes a tensor.
  public func note(_ name: String, _ tensor: Tensor) { entries.append((name, tensor)) }

  /// A view of this trace whose names begin with `path` and a dot.
  public func scope(_ path: String) -> Scope { Scope(trace: self, path: path) }

  /// Part of a trace: what one layer notes.
  public struct Scope {
    let trace: Trace
    let path: String

    /// Notes a tensor under the path of the scope.
    public func note(_ name: String, _ tensor: Tensor) { trace.note("\(path).\(name)", tensor) }
  }
}
