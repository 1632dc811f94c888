import TensorCore

/// A model or a part of one: it has parameters, and names for them.
///
/// A module lists its parameters and its parts under the names of a public checkpoint where
/// one exists. A parameter's full name joins the names on the way to it with dots, for
/// instance `vit.layers.0.attention.q_proj.weight`.
public protocol Module: ModuleMember {
  /// Parameters, parts, and arrays of parts, by name and in order, one a line:
  ///
  ///     var members: Members {
  ///       ("weight", weight)
  ///       ("bias", bias)
  ///     }
  ///
  /// Names may hold dots; an empty name adds nothing to the path. A member that is nil is left out.
  @MembersBuilder var members: Members { get }
}

/// What a module can consist of: tensors, modules, and arrays of them.
public protocol ModuleMember {
  /// Calls `body` with the name and tensor of every parameter and buffer inside; names begin with
  /// `path`.
  func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void)
}

/// The members of a module, by name and in order.
public struct Members {
  /// One for each member: calls a body with the member's tensors, whose names begin with a path.
  fileprivate let visits: [(_ path: String, _ body: (String, Tensor) -> Void) -> Void]
}

/// Makes `Members` of the lines `("name", member)`. (A list of `any ModuleMember` would be shorter,
/// but Embedded Swift, which runs in the browser, has no such values.)
@resultBuilder
public enum MembersBuilder {
  /// A tensor, a module or an array of them, and its name.
  public static func buildExpression<Member: ModuleMember>(_ member: (String, Member)) -> Members {
    Members(visits: [{ path, body in member.1.forEachTensor(join(path, member.0), body) }])
  }

  /// A member that may be nil, and its name.
  public static func buildExpression<Member: ModuleMember>(_ member: (String, Member?)) -> Members {
    guard let value = member.1 else { return Members(visits: []) }
    return buildExpression((member.0, value))
  }

  /// The members of another module.
  public static func buildExpression(_ members: Members) -> Members { members }

  /// All lines.
  public static func buildBlock(_ lines: Members...) -> Members {
    Members(visits: lines.flatMap { $0.visits })
  }
}

extension Tensor: ModuleMember {
  /// Calls `body` once, with `path` as the name.
  public func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void) { body(path, self) }
}

extension Array: ModuleMember where Element: ModuleMember {
  /// Calls `body` with the tensors of all elements, whose names are their numbers from 0 on.
  public func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void) {
    for (index, element) in enumerated() { element.forEachTensor(join(path, "\(index)"), body) }
  }
}

extension Module {
  /// Calls `body` with the tensors of all members.
  public func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void) {
    for visit in members.visits { visit(path, body) }
  }

  /// All tensors that a checkpoint holds: parameters and buffers, by name and in order.
  public var tensors: [(name: String, tensor: Tensor)] {
    var list: [(name: String, tensor: Tensor)] = []
    forEachTensor("") { list.append((name: $0, tensor: $1)) }
    return list
  }

  /// The tensors that are trained: those that require a gradient. The others are buffers.
  public var parameters: [(name: String, tensor: Tensor)] {
    tensors.filter { $0.tensor.requiresGradient }
  }

  /// The number of values in all parameters together.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// Sets the gradients of all parameters to nil.
  public func clearGradients() { for (_, tensor) in parameters { tensor.clearGradient() } }

  /// Copies the numbers of another module, which has the same names and shapes, into this one.
  public func assign(_ other: some Module) {
    for ((name, tensor), (otherName, source)) in zip(tensors, other.tensors) {
      precondition(name == otherName, "modules differ: \(name) against \(otherName)")
      tensor.assign(source)
    }
  }
}

private func join(_ path: String, _ name: String) -> String {
  path.isEmpty ? name : name.isEmpty ? path : path + "." + name
}
