// A connection through a socket of this machine. Each carries one message in each direction.

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One end of a connection.
public struct Connection {
  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  /// Connects to a listener; nil if there is none.
  public init?(to path: String) {
    let descriptor = streamSocket()
    guard descriptor >= 0 else { return nil }
    guard withAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
      _ = systemClose(descriptor)
      return nil
    }
    self.init(descriptor: descriptor)
  }

  /// Sends a message and says that it is complete; false if the other end is gone.
  public func send(_ message: Data) -> Bool {
    let isSent = message.withUnsafeBytes { raw in
      var sent = 0
      while sent < raw.count {
        let count = systemSend(descriptor, raw.baseAddress! + sent, raw.count - sent)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        sent += count
      }
      return true
    }
    return shutdown(descriptor, Int32(SHUT_WR)) == 0 && isSent
  }

  /// The other end's message; nil if it is not complete in time, or longer than a message may be.
  public func receive(until deadline: ContinuousClock.Instant) -> Data? {
    var message = Data()
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while wait(descriptor, until: deadline) {
      let count = recv(descriptor, &part, part.count, 0)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { return message }
      message.append(contentsOf: part[..<count])
      if message.count > Wire.limit { return nil }
    }
    return nil
  }

  /// Closes this end.
  public func close() { _ = systemClose(descriptor) }

  /// A socket that others connect to.
  public struct Listener {
    private let descriptor: Int32

    /// Listens at a path of at most 100 bytes; nil if that is not possible.
    public init?(at path: String) {
      descriptor = streamSocket()
      guard descriptor >= 0 else { return nil }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      guard withAddress(path, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 16) == 0
      else {
        _ = systemClose(descriptor)
        return nil
      }
    }

    /// The next connection; nil if none comes in time.
    public func accept(until deadline: ContinuousClock.Instant) -> Connection? {
      guard wait(descriptor, until: deadline) else { return nil }
      let connection = systemAccept(descriptor)
      guard connection >= 0 else { return nil }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      return Connection(descriptor: connection)
    }

    /// Stops listening.
    public func close() { _ = systemClose(descriptor) }
  }
}

/// Waits until something can be read; false if nothing comes in time.
private func wait(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
  while true {
    let left = max(0, (deadline - .now) / .milliseconds(1))
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&request, 1, Int32(min(left.rounded(.up), 1e9)))
    if count < 0 && errno == EINTR { continue }
    return count > 0
  }
}

private func streamSocket() -> Int32 {
  #if canImport(Glibc)
    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  #else
    socket(AF_UNIX, SOCK_STREAM, 0)
  #endif
}

private func withAddress(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = path.utf8CString
  guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
  withUnsafeMutableBytes(of: &address.sun_path) { target in
    bytes.withUnsafeBytes { target.copyMemory(from: $0) }
  }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    // Without MSG_NOSIGNAL, writing to an end that is gone would stop this process.
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
  #else
    send(descriptor, bytes, count, 0)
  #endif
}

private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
