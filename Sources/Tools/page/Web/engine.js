// The models in a worker, as promises. `window.dalleData` holds the program and the numbers of the
// models, compressed and in base 64: a page that is opened from a file can read no file but scripts.
"use strict";

class Engine {
  /// Unpacks the data and loads models, by default those that draw; the others are `clip` and `vit`.
  /// `onProgress` is called with a text and a share of 0 to 1. Throws an Error with a sentence where
  /// the browser lacks something.
  static async open(data, onProgress = () => {}, models = ["transformer", "dvae", "reranker"]) {
    if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function"
      || !WebAssembly.validate(Engine.#simd)) {
      throw new Error("This browser is too old for this page: it needs WebAssembly with SIMD, and "
        + "DecompressionStream, as in Chrome 91, Firefox 113 and Safari 16.4 or later.");
    }
    const files = {};
    const names = ["worker", "wasm", ...models];
    let unpacked = 0;
    // All at once: the browser decompresses one while another is being decoded.
    await Promise.all(names.map(async (name) => {
      try {
        files[name] = await unpack(data[name]);
      } catch {
        throw new Error("This file is damaged: fetch it again.");
      }
      onProgress("Unpacking the models", ++unpacked / (names.length + 1));
    }));
    onProgress("Loading the models", names.length / (names.length + 1));
    const { worker, wasm, ...numbers } = files;
    const engine = new Engine(worker);
    // The words of sticker world; and of the models that draw, the words they know and their sizes.
    const { stickers, words, configuration } = await engine.#ask("open", { wasm, models: numbers });
    Object.assign(engine, { stickers, words, configuration });
    onProgress("Ready", 1);
    return engine;
  }

  /// What the caption consists of, which words are unknown, and why it cannot be drawn.
  read(caption) { return this.#ask("read", { caption }); }

  /// Draws candidates; `onFrame` is called with {tokens, pictures} as they grow. A wish with `until`
  /// tokens ends there, with the codes of the first candidate.
  draw(wish, onFrame) {
    return this.#ask("draw", { ...wish, given: [...(wish.given ?? [])] }, onFrame);
  }

  /// Ends the picture that is being drawn.
  cancel() { this.#worker.postMessage({ ask: "cancel", of: this.#drawing }); }

  /// The likeliest codes for a place of a picture.
  alternatives(wish) { return this.#ask("alternatives", wish); }

  /// Where the position that draws `place` looks, in a head of a layer.
  attention(wish) { return this.#ask("attention", wish); }

  /// The codes of a picture, and what they decode to.
  encode(rgba) { return this.#ask("encode", { rgba }); }

  /// The picture of codes.
  decode(codes) { return this.#ask("decode", { codes }); }

  /// The cosines of pictures, given as codes, with a caption.
  score(caption, grids) { return this.#ask("score", { caption, grids }); }

  /// Sticker world's picture of a caption, the one of many that has the number `layout`.
  sticker(caption, layout = 0) { return this.#ask("sticker", { caption, layout }); }

  /// What the classifier reads off a picture, and where all its heads looked.
  look(rgba) { return this.#ask("look", { rgba }); }

  /// The cosines of pictures with captions, in CLIP's eyes, and by what it multiplies them.
  compare(pictures, captions) { return this.#ask("compare", { pictures, captions }); }

  /// Bytes of memory that the program has taken.
  memory() { return this.#ask("memory", {}); }

  #worker;
  #flaw = null;
  #count = 0;
  #drawing = 0;
  #waiting = new Map();

  constructor(source) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.#worker = new Worker(url);
    this.#worker.onmessage = ({ data }) => {
      const { resolve, reject, onFrame } = this.#waiting.get(data.id);
      if (data.frame) return onFrame?.(data.frame);
      this.#waiting.delete(data.id);
      if (data.error) reject(new Error(data.error));
      else resolve(data.value);
    };
    this.#worker.onerror = (event) => {
      this.#flaw = new Error(event.message || "The program of this page could not be started.");
      for (const { reject } of this.#waiting.values()) reject(this.#flaw);
      this.#waiting.clear();
    };
  }

  #ask(ask, wish, onFrame) {
    const id = ++this.#count;
    if (ask === "draw") this.#drawing = id;
    return new Promise((resolve, reject) => {
      if (this.#flaw) return reject(this.#flaw);
      this.#waiting.set(id, { resolve, reject, onFrame });
      this.#worker.postMessage({ ...wish, id, ask });
    });
  }

  /// A program that adds two vectors: valid where there is SIMD.
  static #simd = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253,
    15, 253, 98, 11,
  ]);
}

/// The bytes of a compressed text of base 64.
async function unpack(text) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  // A plain loop: `Uint8Array.from` with a function takes ten times as long.
  for (let i = 0; i < letters.length; i++) packed[i] = letters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
