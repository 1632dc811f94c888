import TensorCore

/// Tensors that a model records by name while it runs.
///
/// Chapters show them and tests compare them with other implementations. Models take an
/// optional trace, so that a run without one costs nothing extra:
///
///     let trace = Trace()
///     let logits = model(images, trace: trace)
///     trace["layer.0.q"]  // [B, h, T, Dh]
public final class Trace {
  /// What has been recorded, in the order of the run.
  public private(set) var entries: [(name: String, tensor: Tensor)] = []

  /// An empty trace.
  public init() {}

  /// The tensor recorded under `name`, the last one if there are several.
  public subscript(name: String) -> Tensor? { entries.last { $0.name == name }?.tensor }

  /// Records a tensor of any shape under `name`.
  public func note(_ name: String, _ tensor: Tensor) { entries.append((name, tensor)) }

  /// A view of this trace that puts `path` and a dot before every name.
  public func scope(_ path: String) -> Scope { Scope(trace: self, path: path) }

  /// Part of a trace: what one layer records.
  public struct Scope {
    let trace: Trace
    let path: String

    /// Records a tensor of any shape under the path of the scope and `name`.
    public func note(_ name: String, _ tensor: Tensor) { trace.note("\(path).\(name)", tensor) }
  }
}
