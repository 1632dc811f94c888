// Configurations say `Codable`, for which they need no import where Foundation is.

@_exported import TensorCore
