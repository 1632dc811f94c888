// What the page can ask for, and the messages in which it does.

const asks = {
  async open({ wasm, models }) {
    program = (await WebAssembly.instantiate(wasm, { page })).instance.exports;
    for (const [name, file] of Object.entries(models)) load(name, file);
    program.open();
    program.stickerWords();
    const [things, wearers, colours, backgrounds] = answer().split("\n").map((line) => line.split(","));
    const stickers = { things, wearers, colours, backgrounds };
    if (!models.transformer) return { stickers };
    program.describe();
    const [numbers, kinds, words] = answer().split("\n").map((line) => line.split(" "));
    const [rows, columns, factor, layers, heads, textLength, codes] = numbers.map(Number);
    sizes = {
      rows, columns, factor, layers, heads, textLength, codes, kinds, size: factor * columns,
    };
    return { words, stickers, configuration: sizes };
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
    const all = sizes.rows * sizes.columns;
    const until = Math.min(wish.until ?? all, all);
    const apart = wish.apart ?? 10; // tokens between two frames
    const seen = Array.from({ length: candidates }, () => blank());
    let tokens = given.length;
    let frames = 0;
    while (tokens < until) {
      tokens = program.step();
      if (tokens === until || tokens % apart) continue;
      // The first picture is shown in every frame, of the others one at a time.
      const others = candidates > 1 ? [1 + (frames++ % (candidates - 1))] : [];
      for (const candidate of [0, ...others]) {
        withRoom([size], (rgba) => {
          const rows = program.picture(candidate, rgba);
          seen[candidate].set(bytes(rgba, 4 * sizes.size * rows));
        });
      }
      postMessage({ id, frame: { tokens, pictures: seen.map((rgba) => ({ rgba })) } });
      await pause();
      if (cancelled === id) return { cancelled: true, pictures: [] };
    }
    if (until < all) return withRoom([4 * until, size], (codes, rgba) => {
      program.codes(0, codes);
      const rows = program.picture(0, rgba);
      seen[0].set(bytes(rgba, 4 * sizes.size * rows));
      return { cancelled: false, codes: int32(codes, until), rgba: seen[0] };
    });
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
    const { rows, columns, textLength: words } = sizes;
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
    const count = sizes.rows * sizes.columns;
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
const pixels = () => 4 * sizes.factor ** 2 * sizes.rows * sizes.columns;

/// A grey picture.
function blank() {
  const rgba = new Uint8ClampedArray(pixels()).fill(128);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return rgba;
}

/// The pixels of a place of a picture and of two places around it; beyond the edges, nothing.
function around(rgba, place) {
  const { rows, columns, factor } = sizes;
  const side = 5 * factor;
  const left = factor * (place % columns - 2);
  const top = factor * (Math.floor(place / columns) - 2);
  const result = new Uint8ClampedArray(4 * side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [column, row] = [left + x, top + y];
      if (column < 0 || column >= factor * columns || row < 0 || row >= factor * rows) continue;
      const from = 4 * (row * factor * columns + column);
      result.set(rgba.subarray(from, from + 4), 4 * (side * y + x));
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
  const work = async () => {
    try {
      postMessage({ id: data.id, value: await asks[data.ask](data, data.id) });
    } catch (error) {
      const isOurs = error instanceof WebAssembly.RuntimeError || !error.message;
      postMessage({ id: data.id, error: isOurs ? stopped : error.message });
    }
  };
  // Captions are read between two tokens of a picture; all else waits until it is drawn.
  if (data.ask === "read") work();
  else turn = turn.then(work);
};
