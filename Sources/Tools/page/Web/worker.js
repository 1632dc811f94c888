// Runs the book's program, compiled to WebAssembly, beside the page. Each message asks for one thing,
// {id, ask, ...}; the answer is {id, value} or {id, error}, and while a picture is drawn {id, frame}.
"use strict";

let program; // the exports of the WebAssembly
let sizes; // of the models, from their checkpoints
const [transformer, dvae, reranker] = [0, 1, 2];
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const stopped = "The program of this page stopped, which is a fault of ours: reload the page.";

const memory = () => new Uint8Array(program.memory.buffer);

/// Calls `body` with memory for each of some byte counts, and gives it back.
function withRoom(counts, body) {
  const places = counts.map((bytes) => program.room(Math.max(bytes, 1)));
  try {
    return body(...places);
  } finally {
    for (const place of places) program.giveBack(place);
  }
}

/// Calls `body` with the place and the number of bytes of a text.
function withText(text, body) {
  const bytes = encoder.encode(text);
  return withRoom([bytes.length], (place) => {
    memory().set(bytes, place);
    return body(place, bytes.length);
  });
}

/// The last text that the program had for us.
function answer() {
  const count = program.answerLength();
  return withRoom([count], (place) => {
    program.takeAnswer(place);
    return decoder.decode(memory().slice(place, place + count));
  });
}

/// Throws the program's sentence unless `isDone`.
function check(isDone) {
  if (!isDone) throw new Error(answer());
}

const int32 = (place, count) => new Int32Array(program.memory.buffer, place, count).slice();
const float32 = (place, count) => new Float32Array(program.memory.buffer, place, count).slice();
const bytes = (place, count) =>
  new Uint8ClampedArray(program.memory.buffer, place, count).slice();

// MARK: Loading

/// What the program asks of a page: see CSupport/Browser/browser.c.
const page = {
  exp: Math.exp,
  log: Math.log,
  put() {},
  noMemory(count) {
    throw new Error(`There is no memory for ${count} more bytes: close other pages, or draw fewer.`);
  },
  normalise(text, count, isCompatible, result, room) {
    const given = decoder.decode(memory().slice(text, text + count));
    const found = encoder.encode(given.normalize(isCompatible ? "NFKC" : "NFC"));
    memory().set(found.subarray(0, room), result);
    return Math.min(found.length, room);
  },
};

/// The header and the numbers of a safetensors file.
function checkpoint(file) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(decoder.decode(file.subarray(8, 8 + length)));
  const { __metadata__: card, ...tensors } = header;
  return { card, tensors, config: JSON.parse(card.config), numbers: file.subarray(8 + length) };
}

/// Lines "name value" of a config; nested names have dots.
function lines(config, path = "") {
  return Object.entries(config).flatMap(([name, value]) =>
    value !== null && typeof value === "object"
      ? lines(value, `${path}${name}.`)
      : [`${path}${name} ${typeof value === "number" ? written(value) : value}`]
  );
}

/// A whole number as it is, any other as "b" and the bits of a float.
const written = (value) =>
  Number.isInteger(value) ? value : `b${new Uint32Array(new Float32Array([value]).buffer)[0]}`;

function load(model, file) {
  const { card, tensors, config, numbers } = checkpoint(file);
  const count = withText(lines(config).join("\n"), (place, length) =>
    program.makeModel(model, place, length));
  for (let i = 0; i < count; i++) {
    const values = program.tensorName(model, i);
    const name = answer();
    const tensor = tensors[name];
    if (tensor?.dtype !== "F16") throw new Error(`This page lacks the numbers of ${name}.`);
    const [from, to] = tensor.data_offsets;
    if (to - from !== 2 * values) throw new Error(`${name} has another size than its model.`);
    withRoom([to - from], (place) => {
      memory().set(numbers.subarray(from, to), place);
      program.fillTensor(model, i, place);
    });
  }
  if (card.tokenizer) giveTokenizer(model, JSON.parse(card.tokenizer), card.words_read);
  return config;
}

function giveTokenizer(model, file, wordsRead) {
  const tokens = [];
  for (const [token, id] of Object.entries(file.model.vocab)) tokens[id] = token;
  for (const added of file.added_tokens) tokens[added.id] = added.content;
  const merges = file.model.merges.map((merge) => (Array.isArray(merge) ? merge.join(" ") : merge));
  const style = model === reranker ? "clip" : file.normalizer ? "paper" : "byteLevel";
  const lists = [[style], tokens, merges, wordsRead ? wordsRead.split(" ") : []];
  withText(lists.map((list) => [...list, ""].join("\n")).join("\n") + "\n", (place, length) =>
    program.giveTokenizer(model, place, length));
}

const asks = {
  async open({ wasm, models }) {
    program = (await WebAssembly.instantiate(wasm, { page })).instance.exports;
    sizes = load(transformer, models.transformer);
    load(dvae, models.dvae);
    load(reranker, models.reranker);
    program.open();
    program.knownWords();
    const words = answer().split("\n");
    const { image_rows: rows, image_columns: columns } = sizes;
    const { num_layers: layers, num_attention_heads: heads } = sizes;
    const kinds = Array.from({ length: layers }, (_, layer) =>
      sizes.attention !== "paper" ? sizes.attention
      : layer === layers - 1 ? "convolution" : layer % 4 === 1 ? "column" : "row");
    return {
      words,
      configuration: {
        rows, columns, size: 4 * rows, layers, heads, kinds,
        textLength: sizes.text_seq_length, codes: sizes.image_vocab_size,
      },
    };
  },

  // MARK: Captions

  read({ caption }) {
    withText(caption, (place, length) => program.readCaption(place, length));
    const [error, notice, tokens, ...unknown] = answer().split("\n");
    return {
      error: error || null,
      notice: notice || null,
      tokens: tokens ? tokens.split("\t") : [],
      unknown: unknown.map((line) => {
        const [word, ...nearest] = line.split("\t");
        return { word, nearest };
      }),
    };
  },

  score({ caption, grids }) {
    const count = grids[0].length;
    return withRoom([4 * count * grids.length, 4 * grids.length], (codes, scores) => {
      new Int32Array(program.memory.buffer, codes).set(grids.flatMap((grid) => [...grid]));
      withText(caption, (place, length) =>
        program.score(place, length, codes, grids.length, scores));
      return [...float32(scores, grids.length)];
    });
  },

  // MARK: Drawing

  async draw(wish, id) {
    const { caption, seed = 1, candidates = 1, given = [] } = wish;
    const size = pixels();
    setOptions(wish);
    withRoom([4 * given.length], (codes) => {
      new Int32Array(program.memory.buffer, codes, given.length).set(given);
      check(withText(caption, (place, length) =>
        program.begin(place, length, BigInt(seed), candidates, codes, given.length)));
    });
    const all = sizes.image_rows * sizes.image_columns;
    const apart = wish.apart ?? 10; // tokens between two frames
    const seen = Array.from({ length: candidates }, () => blank());
    let tokens = given.length;
    let frames = 0;
    while (tokens < all) {
      tokens = program.step();
      if (tokens === all || tokens % apart) continue;
      // The first picture is shown in every frame, of the others one at a time.
      const others = candidates > 1 ? [1 + (frames++ % (candidates - 1))] : [];
      for (const candidate of [0, ...others]) {
        withRoom([size], (rgba) => {
          const rows = program.picture(candidate, rgba);
          seen[candidate].set(bytes(rgba, 16 * sizes.image_columns * rows));
        });
      }
      postMessage({ id, frame: { tokens, pictures: seen.map((rgba) => ({ rgba })) } });
      await pause();
      if (cancelled === id) return { cancelled: true, pictures: [] };
    }
    const counts = [4 * candidates, 4 * candidates, 4 * candidates * all, candidates * size];
    return withRoom(counts, (numbers, scores, codes, rgba) => {
      program.rank(numbers, scores, codes, rgba);
      const pictures = [...int32(numbers, candidates)].map((candidate, i) => ({
        candidate,
        score: float32(scores + 4 * i, 1)[0],
        codes: int32(codes + 4 * all * i, all),
        rgba: bytes(rgba + size * i, size),
      }));
      return { cancelled: false, pictures };
    });
  },

  // MARK: Looking inside

  alternatives(wish) {
    const { caption, codes, place, most = 10 } = wish;
    const size = pixels();
    setOptions(wish);
    return withRoom([4 * codes.length, 4 * most, 4 * most, 4 * most, most * size],
      (grid, found, shares, kept, rgba) => {
        new Int32Array(program.memory.buffer, grid, codes.length).set(codes);
        withText(caption, (text, length) => program.alternatives(
          text, length, grid, place, most, found, shares, kept, rgba));
        const probabilities = float32(shares, most);
        const isKept = int32(kept, most);
        return [...int32(found, most)].map((code, i) => ({
          code,
          probability: probabilities[i],
          kept: isKept[i] === 1,
          rgba: around(bytes(rgba + size * i, size), place),
        }));
      });
  },

  attention({ caption, codes, place, layer, head }) {
    const { image_rows: rows, image_columns: columns, text_seq_length: words } = sizes;
    const positions = words + rows * columns;
    return withRoom([4 * codes.length, 4 * positions], (grid, weights) => {
      new Int32Array(program.memory.buffer, grid, codes.length).set(codes);
      withText(caption, (text, length) =>
        program.attention(text, length, grid, place, layer, head, weights));
      const all = float32(weights, positions);
      const picture = new Float32Array(rows * columns); // the last token is seen by none
      picture.set(all.subarray(words + 1));
      return { start: all[0], words: all.slice(1, words + 1), picture };
    });
  },

  /// Bytes of memory that the program has taken.
  memory() { return program.memory.buffer.byteLength; },

  // MARK: Own pictures

  encode({ rgba }) {
    const count = sizes.image_rows * sizes.image_columns;
    const codes = withRoom([rgba.length, 4 * count], (pixels, codes) => {
      memory().set(rgba, pixels);
      program.encode(pixels, codes);
      return int32(codes, count);
    });
    return { codes, ...asks.decode({ codes }) };
  },

  decode({ codes }) {
    const size = pixels();
    return withRoom([4 * codes.length, size], (grid, rgba) => {
      new Int32Array(program.memory.buffer, grid, codes.length).set(codes);
      program.decode(grid, rgba);
      return { rgba: bytes(rgba, size) };
    });
  },
};

function setOptions({ temperature = 0.7, topK = 0, topP = 0.95, guidance = 2 }) {
  check(program.setOptions(temperature, topK, topP, guidance));
}

/// Bytes of a picture.
const pixels = () => 64 * sizes.image_rows * sizes.image_columns;

/// A grey picture.
function blank() {
  const rgba = new Uint8ClampedArray(pixels()).fill(128);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return rgba;
}

/// The 20×20 pixels around a place of a picture; beyond its edges, nothing.
function around(rgba, place) {
  const width = 4 * sizes.image_columns;
  const height = 4 * sizes.image_rows;
  const left = 4 * (place % sizes.image_columns) - 8;
  const top = 4 * Math.floor(place / sizes.image_columns) - 8;
  const result = new Uint8ClampedArray(4 * 20 * 20);
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 20; x++) {
      const [column, row] = [left + x, top + y];
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const from = 4 * (row * width + column);
      result.set(rgba.subarray(from, from + 4), 4 * (20 * y + x));
    }
  }
  return result;
}

// MARK: Messages

let cancelled = 0;
let turn = Promise.resolve();

/// Lets messages in.
const pause = () => new Promise((resolve) => setTimeout(resolve));

onmessage = ({ data }) => {
  if (data.ask === "cancel") {
    cancelled = data.of;
    return;
  }
  turn = turn.then(async () => {
    try {
      postMessage({ id: data.id, value: await asks[data.ask](data, data.id) });
    } catch (error) {
      const isOurs = error instanceof WebAssembly.RuntimeError || !error.message;
      postMessage({ id: data.id, error: isOurs ? stopped : error.message });
    }
  });
};
