// What this package needs of Foundation and of Codable, where there is neither.

import CSupport

/// eˣ
public func exp(_ x: Double) -> Double { CSupport.exp(x) }

/// ln x
public func log(_ x: Double) -> Double { CSupport.log(x) }

/// Embedded Swift has no Codable: the words are there and mean nothing.
public protocol Encodable {}
/// Nothing.
public protocol Decodable {}
/// Nothing.
public typealias Codable = Decodable & Encodable
/// Nothing.
public protocol CodingKey {}
