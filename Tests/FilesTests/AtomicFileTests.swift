import Files
import Foundation
import Synchronization
import TestSupport
import Testing

private func writeFile(
  _ path: String, _ body: (AtomicFile) throws(FileError) -> Void
) throws(FileError) {
  try AtomicFile.write(to: path, failure: { $0 }, body)
}

@Suite struct AtomicFileTests {
  private func put(_ text: String, _ file: AtomicFile) {
    Array(text.utf8).withUnsafeBytes(file.write)
  }

  @Test func `a file is replaced whole, and nothing else is left`() throws {
    let folder = try TemporaryFolder()
    for text in ["first", "second and longer", ""] {
      try writeFile(folder.file("x")) { file in
        put(text, file)
        put("!", file)
      }
      #expect(try folder.read("x") == Array("\(text)!".utf8))
      #expect(folder.names == ["x"])
    }
  }

  @Test func `the old file stays until the new one is whole`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "x")
    try writeFile(path) { file in
      put("new", file)
      #expect((try? folder.read("x")) == [1])
      #expect(folder.names.count == 2)
    }
    #expect(try folder.read("x") == Array("new".utf8))
  }

  @Test func `a symbolic link keeps pointing where it points`() throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let target = try other.write([1], to: "target")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: target)
    try writeFile(folder.file("link")) { put("new", $0) }
    #expect(try other.read("target") == Array("new".utf8))
    #expect(other.names == ["target"] && folder.names == ["link"])
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link"))
    #expect(link == target)

    // Also one that points to nothing yet, by a relative path.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("early"), withDestinationPath: "later")
    try writeFile(folder.file("early")) { put("new", $0) }
    #expect(try folder.read("later") == Array("new".utf8))
    #expect(folder.names == ["early", "later", "link"])
  }

  @Test func `a file without permission to write stays, and a replaced one keeps its mode`() throws
  {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "x")
    chmod(path, 0o444)
    #expect(throws: FileError.unwritable(file: path, reason: "it is read-only")) {
      try AtomicFile.write([2], to: path)
    }
    #expect(try folder.read("x") == [1])
    for mode in [0o600, 0o640, 0o666] as [mode_t] {
      chmod(path, mode)
      try AtomicFile.write([3], to: path)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode)
    }
    #expect(folder.names == ["x"])
  }

  @Test(arguments: [String(repeating: "x", count: 255), String(repeating: "é", count: 127)])
  func `a name may have as many bytes as the system allows`(name: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([7], to: folder.file(name))
    #expect(try folder.read(name) == [7])
    #expect(folder.names == [name])
  }

  @Test func `many writers of one name do not take each other's files`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x")
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { writer in
      for _ in 0..<40 {
        do { try AtomicFile.write([UInt8(writer)], to: path) } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(folder.names == ["x"])
  }

  @Test func `a pipe is refused and stays`() throws {
    let folder = try TemporaryFolder()
    try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
    let error = #expect(throws: FileError.self) {
      try writeFile(folder.file("pipe")) { put("new", $0) }
    }
    #expect(error?.description.contains("device or a pipe") == true)
    #expect(folder.names == ["pipe"])
    var status = stat()
    #expect(stat(folder.file("pipe"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func `only ordinary files within the limit are read`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1, 2, 3], to: "x")
    #expect(try readFile(path, limit: 3) == [1, 2, 3])
    #expect(try readStart(of: RawPath(path), count: 2) == ([1, 2], 3))
    #expect(try readStart(of: RawPath(path), count: 9) == ([1, 2, 3], 3))
    #expect(
      throws: FileError.unreadable(file: path, reason: "it has 3 bytes, the limit is 2")
    ) { try readFile(path, limit: 2) }
    for other in ["/dev/zero", folder.path, folder.file("missing")] {
      #expect(throws: FileError.self) { try readFile(other, limit: 1 << 20) }
    }
  }

  @Test func `an error on the way leaves the old file and no other`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "x")
    let error = FileError.unwritable(file: path, reason: "because")
    #expect(throws: error) {
      try writeFile(path) { (file) throws(FileError) in
        put("new", file)
        throw error
      }
    }
    #expect(folder.names == ["x"])
    #expect(try folder.read("x") == [1])
  }

  @Test func `places that cannot be written are refused with a sentence`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write([1], to: "file")
    for (path, reason) in [
      (folder.file("missing/x"), "No such file or directory"),
      ("\(file)/x", "Not a directory"),
    ] {
      let error = #expect(throws: FileError.self) {
        try writeFile(path) { put("new", $0) }
      }
      #expect(error == .unwritable(file: path, reason: reason))
      #expect(
        error?.description
          == "\(path): cannot be written (\(reason)); what was there before is unchanged")
    }
    // A folder cannot be replaced by a file.
    try FileManager.default.createDirectory(
      atPath: folder.file("sub"), withIntermediateDirectories: false)
    #expect(throws: FileError.self) {
      try writeFile(folder.file("sub")) { put("new", $0) }
    }
    #expect(folder.names == ["file", "sub"])
  }

  @Test func `a full disk leaves the old file and no other`() async throws {
    let folder = try TemporaryFolder()
    // The limit on the size of files stands in for the disk; it holds for a whole process.
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      let folder = TemporaryFolder(at: path)
      let path = try folder.write([1], to: "x")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
      #if os(Linux)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      do throws(FileError) {
        try writeFile(path) { file in
          for _ in 0..<20 { [UInt8](repeating: 2, count: 1000).withUnsafeBytes(file.write) }
        }
        exit(2)
      } catch {
        let same = try folder.read("x") == [1] && folder.names == ["x"]
        exit(same && error == .unwritable(file: path, reason: "File too large") ? 0 : 3)
      }
    }
  }

  @Test func `files of killed writers are removed, those of running ones are not`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write([1], to: ".x.1-0.tmp")
    _ = try folder.write([1], to: ".y.1-0.tmp")
    try writeFile(folder.file("x")) { (first) throws(FileError) in
      #expect(folder.names.count == 2)  // y's, and the one being written
      put("first", first)
      try writeFile(folder.file("x")) { put("second", $0) }
      #expect(folder.names.count == 3)
    }
    #expect(folder.names == [".y.1-0.tmp", "x"])
    #expect(try folder.read("x") == Array("first".utf8))
  }
}
