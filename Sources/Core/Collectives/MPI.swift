// Ranks that are processes, on one machine or on many, started by `mpirun`.

import CMPISupport
import Dispatch
import Foundation

/// The processes that `mpirun` started.
public final class MPI: Collective {
  /// The number of this process among those that mpirun started.
  public let rank: Int
  /// How many mpirun started, on all machines.
  public let count: Int
  /// All calls of MPI are made here, one at a time.
  private let queue = DispatchQueue(label: "MPI")

  private init() {
    var (rank, count): (Int32, Int32) = (0, 1)
    queue.sync { mpisupport_begin(&rank, &count) }
    (self.rank, self.count) = (Int(rank), Int(count))
  }

  /// Why this program cannot work with the others that were started with it: nil if it was started
  /// alone, or can.
  public static var flaw: String? {
    wasStarted && mpisupport_is_built() == 0
      ? "mpirun started several programs, but this one was built without MPI, so each would train "
        + "alone: run `make setup-mpi`, then "
        + "`MPI_FLAGS=\"$(pkg-config --cflags --libs ompi-c)\" swift build --product dalle`" : nil
  }

  /// Whether mpirun started this program as one of several.
  private static var wasStarted: Bool {
    let environment = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].contains { name in
      environment[name].flatMap(Int.init).map { $0 > 1 } ?? false
    }
  }

  /// The processes of this run; nil for one that was started alone.
  public static func join() -> MPI? {
    wasStarted && mpisupport_is_built() == 1 ? MPI() : nil
  }

  /// The sums are added in the order of the ranks.
  public func reduce(_ values: UnsafeMutableBufferPointer<Float>) {
    nonisolated(unsafe) let values = values
    queue.sync { mpisupport_reduce(values.baseAddress, values.count) }
  }

  /// The parts that the other ranks have.
  public func gather(_ values: UnsafeMutableBufferPointer<Float>) {
    nonisolated(unsafe) let values = values
    queue.sync { mpisupport_gather(values.baseAddress, values.count) }
  }

  /// Copies the bytes of rank 0 to all others.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    nonisolated(unsafe) let bytes = bytes
    queue.sync { mpisupport_broadcast(bytes.baseAddress, bytes.count) }
  }

  /// Waits for the others, and leaves them.
  public func leave() { queue.sync { mpisupport_end() } }

  /// Ends all ranks, since this one cannot go on.
  public func abort(status: Int32) { mpisupport_abort(status) }
}
