import Checkpoints
import Foundation
import TestSupport
import Testing
import Training

/// Signals end processes, so each of these tests runs in a process of its own.
@Suite struct InterruptionTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends the run after the current step and saves its state`(_ number: Int32) async {
    await #expect(processExitsWith: .exitCode(130)) { [number, path = path as String] in
      let folder = TemporaryFolder(at: path)
      var run = Run(.averaged, in: folder, steps: 30)
      let state = folder.file("run/training.safetensors")
      do {
        try run.run { step in if step == 9 { send(number) } }
      } catch let error as TrainingError {
        precondition(error == .interrupted(done: 10, steps: 30, state: state))
        precondition(
          error.description
            == "stopped after 10 of 30 steps; the state is saved in \(state), and the same "
            + "command with --resume continues from there")
        // Resumed, the run ends like an uninterrupted one.
        var rest = Run(.averaged, in: folder, steps: 30, resume: true)
        try rest.run()
        let whole = TemporaryFolder(at: "\(path)/whole")
        var undisturbed = Run(.averaged, in: whole, steps: 30)
        try undisturbed.run()
        let same = try folder.state() == whole.state() && folder.log() == whole.log()
        exit(same ? error.exitStatus : 1)
      }
    }
  }

  @Test func `a signal in the last step ends the command too`() async {
    await #expect(processExitsWith: .exitCode(130)) { [path = path as String] in
      let folder = TemporaryFolder(at: path)
      var run = Run(.adam, in: folder, steps: 3)
      do {
        try run.run { step in if step == 2 { send(SIGINT) } }
      } catch let error as TrainingError {
        exit(error.exitStatus)
      }
    }
  }

  @Test func `a second Ctrl-C ends the program at once`() async {
    await #expect(processExitsWith: .signal(SIGINT)) { [path = path as String] in
      let folder = TemporaryFolder(at: path)
      var run = Run(.adam, in: folder, steps: 3)
      try run.run { _ in
        send(SIGINT)
        send(SIGINT)
        exit(0)
      }
    }
  }

  @Test func `without a folder, and after a run, signals have their usual effect`() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      var run = Run(.adam, in: nil, steps: 3)
      try run.run { _ in
        send(SIGINT)
        exit(0)
      }
    }
    await #expect(processExitsWith: .signal(SIGTERM)) { [path = path as String] in
      var run = Run(.adam, in: TemporaryFolder(at: path), steps: 3)
      try run.run()
      send(SIGTERM)
    }
  }
}

/// Sends this process a signal, as a terminal would, and waits until it has arrived: the threads
/// that run tests leave signals to the main thread.
private func send(_ number: Int32) {
  kill(getpid(), number)
  usleep(100_000)
}
