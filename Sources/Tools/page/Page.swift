// What a page calls. Numbers and pointers go in and out; texts and lists are written to memory that
// the page has asked for. All else is the book's own code.

import CSupport
import TensorCore
import Text
import TextToImage

/// The page's program has one thread.
nonisolated(unsafe) var loader = Loader()
nonisolated(unsafe) var studio: Studio! = nil
nonisolated(unsafe) var gallery = Gallery()
/// The sentence of the last error, and other texts for the page.
nonisolated(unsafe) var answer: [UInt8] = []

/// Memory for `bytes` bytes.
@_expose(wasm, "room") @_cdecl("room")
public func room(_ bytes: Int32) -> UnsafeMutableRawPointer { malloc(Int(bytes))! }

/// Takes back what `room` gave.
@_expose(wasm, "giveBack") @_cdecl("giveBack")
public func giveBack(_ memory: UnsafeMutableRawPointer) { CSupport.free(memory) }

/// Writes the last text; `room` for as many bytes as `answerLength` says.
@_expose(wasm, "takeAnswer") @_cdecl("takeAnswer")
public func takeAnswer(_ memory: UnsafeMutablePointer<UInt8>) {
  for (i, byte) in answer.enumerated() { memory[i] = byte }
}

/// The number of bytes of the last text.
@_expose(wasm, "answerLength") @_cdecl("answerLength")
public func answerLength() -> Int32 { Int32(answer.count) }

func text(_ utf8: UnsafePointer<UInt8>, _ count: Int32) -> String {
  String(decoding: UnsafeBufferPointer(start: utf8, count: Int(count)), as: UTF8.self)
}

func reply(_ text: String) { answer = Array(text.utf8) }

// MARK: Loading

/// Makes an untrained model of some sizes, in lines "name value"; returns how many tensors it has.
/// Models: 0 transformer, 1 dVAE, 2 reranker, 3 CLIP, 4 classifier.
@_expose(wasm, "makeModel") @_cdecl("makeModel")
public func makeModel(_ model: Int32, _ utf8: UnsafePointer<UInt8>, _ count: Int32) -> Int32 {
  loader.make(model, Sizes(text(utf8, count)))
  return Int32(loader.tensors[Int(model)].count)
}

/// The name of a tensor, as the answer; returns how many values it has.
@_expose(wasm, "tensorName") @_cdecl("tensorName")
public func tensorName(_ model: Int32, _ tensor: Int32) -> Int32 {
  let (name, tensor) = loader.tensors[Int(model)][Int(tensor)]
  reply(name)
  return Int32(tensor.count)
}

/// Fills a tensor from 16-bit floats.
@_expose(wasm, "fillTensor") @_cdecl("fillTensor")
public func fillTensor(_ model: Int32, _ tensor: Int32, _ halves: UnsafePointer<UInt16>) {
  loader.fill(loader.tensors[Int(model)][Int(tensor)].tensor, halves)
}

/// Gives a model its tokenizer: lines of the style, of tokens in the order of their ids, of merges
/// and of words read, with an empty line between the lists.
@_expose(wasm, "giveTokenizer") @_cdecl("giveTokenizer")
public func giveTokenizer(_ model: Int32, _ utf8: UnsafePointer<UInt8>, _ count: Int32) {
  loader.tokenizers[Int(model)] = tokenizer(text(utf8, count))
}

/// Joins the models that have been made.
@_expose(wasm, "open") @_cdecl("open")
public func open() {
  studio = loader.drawing.map { Studio($0) }
  gallery = Gallery(classifier: loader.classifier, matcher: loader.matcher)
  loader = Loader()
}

/// Sizes, kinds of layers and known words of the models that draw, as the answer: see
/// `Studio.description`.
@_expose(wasm, "describe") @_cdecl("describe")
public func describe() { reply(studio.description) }

// MARK: Captions

/// Why a caption cannot be drawn, its tokens and its unknown words, as the answer: see `Studio.read`.
@_expose(wasm, "readCaption") @_cdecl("readCaption")
public func readCaption(_ utf8: UnsafePointer<UInt8>, _ count: Int32) {
  reply(studio.read(text(utf8, count)))
}

// MARK: Drawing

/// Sets how tokens are drawn from now on; 0 for no top-k, 1 for no top-p. Returns 1 if that is
/// possible; else the answer is why not.
@_expose(wasm, "setOptions") @_cdecl("setOptions")
public func setOptions(
  _ temperature: Float, _ topK: Int32, _ topP: Double, _ guidance: Float
) -> Int32 {
  studio.set(temperature: temperature, topK: Int(topK), topP: topP, guidance: guidance)
}

/// Begins pictures of a caption, all with some given codes. Returns 1; or 0, and the answer is why not.
@_expose(wasm, "begin") @_cdecl("begin")
public func begin(
  _ utf8: UnsafePointer<UInt8>, _ count: Int32, _ seed: UInt64, _ candidates: Int32,
  _ given: UnsafePointer<Int32>, _ givenCount: Int32
) -> Int32 {
  studio.begin(
    text(utf8, count), seed: seed, candidates: Int(candidates),
    given: Array(UnsafeBufferPointer(start: given, count: Int(givenCount))))
}

/// Draws a token of every picture; returns how many they have.
@_expose(wasm, "step") @_cdecl("step")
public func step() -> Int32 { studio.step() }

/// The codes of a picture so far.
@_expose(wasm, "codes") @_cdecl("codes")
public func codes(_ candidate: Int32, _ codes: UnsafeMutablePointer<Int32>) {
  studio.codes(Int(candidate), codes)
}

/// The rows of a picture that are begun, RGBA; returns how many rows of pixels.
@_expose(wasm, "picture") @_cdecl("picture")
public func picture(_ candidate: Int32, _ rgba: UnsafeMutablePointer<UInt8>) -> Int32 {
  studio.picture(Int(candidate), rgba)
}

/// Ranks the finished pictures, the best first: their numbers, scores and codes.
@_expose(wasm, "rank") @_cdecl("rank")
public func rank(
  _ numbers: UnsafeMutablePointer<Int32>, _ scores: UnsafeMutablePointer<Float>,
  _ codes: UnsafeMutablePointer<Int32>, _ rgba: UnsafeMutablePointer<UInt8>
) {
  studio.rank(numbers, scores, codes, rgba)
}

// MARK: Looking inside

/// The most likely codes for a place of a picture: codes, probabilities, whether they can be drawn,
/// and the pictures with them.
@_expose(wasm, "alternatives") @_cdecl("alternatives")
public func alternatives(
  _ utf8: UnsafePointer<UInt8>, _ count: Int32, _ codes: UnsafePointer<Int32>, _ place: Int32,
  _ most: Int32, _ found: UnsafeMutablePointer<Int32>, _ shares: UnsafeMutablePointer<Float>,
  _ kept: UnsafeMutablePointer<Int32>, _ rgba: UnsafeMutablePointer<UInt8>
) {
  studio.alternatives(
    text(utf8, count), studio.grid(codes), place: Int(place), most: Int(most), found, shares, kept,
    rgba)
}

/// The attention [S] of the position that draws a place of a picture, in a head of a layer.
@_expose(wasm, "attention") @_cdecl("attention")
public func attention(
  _ utf8: UnsafePointer<UInt8>, _ count: Int32, _ codes: UnsafePointer<Int32>, _ place: Int32,
  _ layer: Int32, _ head: Int32, _ weights: UnsafeMutablePointer<Float>
) {
  studio.attention(
    text(utf8, count), studio.grid(codes), place: Int(place), layer: Int(layer), head: Int(head),
    weights)
}

// MARK: Own pictures

/// The codes of a picture, RGBA.
@_expose(wasm, "encode") @_cdecl("encode")
public func encode(_ rgba: UnsafePointer<UInt8>, _ codes: UnsafeMutablePointer<Int32>) {
  for (i, code) in studio.encode(rgba).enumerated() { codes[i] = code }
}

/// The picture of codes, RGBA.
@_expose(wasm, "decode") @_cdecl("decode")
public func decode(_ codes: UnsafePointer<Int32>, _ rgba: UnsafeMutablePointer<UInt8>) {
  studio.paint([studio.grid(codes)], rgba)
}

/// The cosines of pictures, given as codes, with a caption.
@_expose(wasm, "score") @_cdecl("score")
public func score(
  _ utf8: UnsafePointer<UInt8>, _ count: Int32, _ codes: UnsafePointer<Int32>, _ pictures: Int32,
  _ scores: UnsafeMutablePointer<Float>
) {
  studio.score(
    text(utf8, count), (0..<Int(pictures)).map { studio.grid(codes + $0 * studio.tokens) }, scores)
}

// MARK: Sticker world

/// Draws sticker world's picture of a caption, RGBA; `layout` numbers its pictures. Returns 1; or 0,
/// and the answer is why there is none.
@_expose(wasm, "sticker") @_cdecl("sticker")
public func sticker(
  _ utf8: UnsafePointer<UInt8>, _ count: Int32, _ layout: UInt64,
  _ rgba: UnsafeMutablePointer<UInt8>
) -> Int32 {
  gallery.sticker(text(utf8, count), layout: layout, rgba)
}

/// The words of sticker world, in lines as the answer: see `Gallery.words`.
@_expose(wasm, "stickerWords") @_cdecl("stickerWords")
public func stickerWords() { reply(Gallery.words) }

/// What the classifier reads off a picture, in lines as the answer: see `Gallery.look`. Writes the
/// attention of all its heads, [L, h, 1 + N, 1 + N].
@_expose(wasm, "look") @_cdecl("look")
public func look(_ rgba: UnsafePointer<UInt8>, _ attention: UnsafeMutablePointer<Float>) {
  reply(gallery.look(rgba, attention))
}

/// The cosines of pictures, RGBA, with captions in lines, [pictures, captions]; returns by how much
/// CLIP multiplies them before it compares.
@_expose(wasm, "compare") @_cdecl("compare")
public func compare(
  _ rgba: UnsafePointer<UInt8>, _ pictures: Int32, _ utf8: UnsafePointer<UInt8>, _ count: Int32,
  _ cosines: UnsafeMutablePointer<Float>
) -> Float {
  gallery.compare(rgba, Int(pictures), text(utf8, count), cosines)
}
