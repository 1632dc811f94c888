// Runs the book's program, compiled to WebAssembly, beside the page. Each message asks for one thing,
// {id, ask, ...}; the answer is {id, value} or {id, error}, and while a picture is drawn {id, frame}.
"use strict";

let program; // the exports of the WebAssembly
let sizes; // of the models that draw: see Studio.description
let classifier; // sizes of chapter 1's model
const models = ["transformer", "dvae", "reranker", "clip", "vit"]; // as the program numbers them
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

function load(name, file) {
  const model = models.indexOf(name);
  const { card, tensors, config, numbers } = checkpoint(file);
  if (name === "vit") {
    classifier = {
      layers: config.num_hidden_layers, heads: config.num_attention_heads,
      tokens: 1 + (config.image_size / config.patch_size) ** 2,
    };
    config.heads = answerCounts(tensors);
  }
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
}

/// How many answers each question of a classifier has.
function answerCounts(tensors) {
  const counts = [];
  while (tensors[`heads.${counts.length}.bias`]) {
    counts.push(tensors[`heads.${counts.length}.bias`].shape[0]);
  }
  return counts;
}

function giveTokenizer(model, file, wordsRead) {
  const tokens = [];
  for (const [token, id] of Object.entries(file.model.vocab)) tokens[id] = token;
  for (const added of file.added_tokens) tokens[added.id] = added.content;
  const merges = file.model.merges.map((merge) => (Array.isArray(merge) ? merge.join(" ") : merge));
  const style = file.model.end_of_word_suffix ? "clip" : file.normalizer ? "paper" : "byteLevel";
  const lists = [[style], tokens, merges, wordsRead ? wordsRead.split(" ") : []];
  withText(lists.map((list) => [...list, ""].join("\n")).join("\n") + "\n", (place, length) =>
    program.giveTokenizer(model, place, length));
}
