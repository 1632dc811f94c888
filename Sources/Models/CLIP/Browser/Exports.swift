// Embedded Swift wants every module imported that a file uses, also through another one's types.

@_exported import VisionTransformer
