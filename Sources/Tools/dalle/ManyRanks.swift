// `mpirun -np 4 dalle train …`: the same command on all ranks, of which one keeps the run.

import Collectives
import Commands
import Foundation
import Optimization
import Training

/// Runs `command` with the arguments of a training, on one process or together with the others that
/// mpirun started. Rank 0 reports and writes; what the others write goes to a folder of their own,
/// which is deleted, and of their words only an error is heard.
func onAllRanks(
  _ arguments: [String], _ command: ([String], (String) -> Void) -> Int32
) -> Int32 {
  if let flaw = MPI.flaw {
    complain("error: \(flaw)\n")
    return 1
  }
  guard let ranks = MPI.join() else { return command(arguments, complain) }
  TrainingRanks.current = ranks
  let status = ranks.rank == 0 ? command(arguments, complain) : silently(arguments, ranks, command)
  // After other errors the other ranks may wait for this one, and nothing else ends them.
  if status == 0 || TrainingRanks.allEnd {
    ranks.leave()
  } else {
    fflush(nil)
    ranks.abort(status: status)
  }
  return status
}

/// Runs the command on a rank above 0.
private func silently(
  _ arguments: [String], _ ranks: MPI, _ command: ([String], (String) -> Void) -> Int32
) -> Int32 {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let terminal = dup(STDERR_FILENO)
  let nowhere = open("/dev/null", O_WRONLY)
  dup2(nowhere, STDOUT_FILENO)
  dup2(nowhere, STDERR_FILENO)
  var said = ""
  let status = command(redirected(arguments, to: folder)) { said += $0 }
  dup2(terminal, STDERR_FILENO)
  if status != 0 && !TrainingRanks.allEnd {
    // Most errors are those of all ranks: rank 0 has said it by then, and has ended this one.
    sleep(2)
    complain("rank \(ranks.rank): \(said)")
  }
  return status
}

/// The arguments with `folder` as the value of --output.
private func redirected(_ arguments: [String], to folder: String) -> [String] {
  var result = arguments
  for (place, argument) in arguments.enumerated() {
    if argument.hasPrefix("--output=") { result[place] = "--output=\(folder)" }
    if argument == "--output", place + 1 < arguments.count { result[place + 1] = folder }
  }
  return result
}

extension TrainingOptions {
  /// Says so if one process is to train in slices.
  ///
  /// Throws if the ranks of this run cannot share a batch, whose size `option` sets if there is one.
  func checkRanks(
    _ optimizers: Set<OptimizerChoice>, _ batches: Int..., option: String? = "--batch"
  ) throws {
    let count = TrainingRanks.current.count
    for batch in batches where batch % count != 0 {
      throw CommandError(
        option.map {
          "\($0) \(batch): \(count) ranks cannot share it equally; name a multiple of \(count)"
        } ?? "\(count) ranks cannot share a batch of \(batch) equally; start another number of them"
      )
    }
    if shard && optimizers.contains(.muon) {
      throw CommandError(
        "--shard and Muon do not go together: Muon looks at whole matrices, and with --shard no rank "
          + "has them; choose --optimizer adamw")
    }
    if shard && count == 1 {
      complain(
        "note: --shard does nothing on one process; mpirun -np 4 dalle train … starts four\n")
    }
  }
}
