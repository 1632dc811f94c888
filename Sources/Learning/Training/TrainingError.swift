/// The reason why a training run ended before its last step.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A number that must be finite became NaN or infinite in step `step`; `what` names it.
  case nonFinite(step: Int, what: String, state: String?)
  /// The user asked to stop, with Ctrl-C or SIGTERM. The state after `done` steps, or other units,
  /// was saved.
  case interrupted(done: Int, steps: Int, unit: String = "step", state: String)
  /// There is already a training state, and the run was not meant to continue from it.
  case alreadyBegun(state: String)
  /// There is already a training state, and a broken one: no run can continue from it.
  case broken(state: String, reason: String)
  /// Another program is training in this folder.
  case inUse(folder: String)
  /// The disk has fewer bytes free than the run will write.
  case diskTooSmall(folder: String, needed: Int, free: Int)

  /// One or two sentences: what happened, what to do.
  public var description: String {
    switch self {
    case .nonFinite(let step, let what, let state):
      "training stopped in step \(step): \(what). "
        + (state.map { "\($0) still holds the last good state. " } ?? "")
        + "Try a lower learning rate (--rate, where there is one), --precision f32 if it was bf16, or "
        + "another --seed"
    case .interrupted(let done, let steps, let unit, let state):
      "stopped after \(done) of \(steps) \(unit)s; the state is saved in \(state), and the same "
        + "command with --resume continues from there"
    case .alreadyBegun(let state):
      "\(state): there is already a training state; continue from it with --resume, or train in "
        + "another folder"
    case .broken(let state, let reason):
      "\(state): \(reason)"
    case .inUse(let folder):
      "\(folder): another program is training in this folder; wait for it, or use another folder"
    case .diskTooSmall(let folder, let needed, let free):
      "\(folder): the run will write about \(size(needed)) there, and the disk has "
        + "\(size(free)) free; make room, or train in a folder on another disk"
    }
  }

  /// Bytes as text, rounded up so that a lack is never shown as 0.
  private func size(_ bytes: Int) -> String {
    bytes < 10_000_000 ? "\((bytes + 999) / 1000) kB" : "\((bytes + 999_999) / 1_000_000) MB"
  }

  /// The exit status of a command that fails with this error: 130 after an interruption, as in
  /// shells, else 1.
  public var exitStatus: Int32 {
    if case .interrupted = self { 130 } else { 1 }
  }
}
