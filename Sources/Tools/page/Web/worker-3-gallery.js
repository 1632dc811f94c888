// What the chapters' figures ask for: pictures of sticker world, and what chapters 1 and 2 see in them.

const stickerSize = 64; // pixels of a side

Object.assign(asks, {
  sticker({ caption, layout }) {
    const size = 4 * stickerSize ** 2;
    return withRoom([size], (rgba) => {
      check(withText(caption, (place, length) =>
        program.sticker(place, length, BigInt(layout), rgba)));
      return { rgba: bytes(rgba, size) };
    });
  },

  look({ rgba }) {
    const { layers, heads, tokens } = classifier;
    const count = layers * heads * tokens ** 2;
    return withRoom([rgba.length, 4 * count], (pixels, attention) => {
      memory().set(rgba, pixels);
      program.look(pixels, attention);
      const answers = answer().split("\n\n").map((text) => {
        const [question, ...lines] = text.trim().split("\n");
        return {
          question,
          answers: lines.map((line) => {
            const [name, share] = line.split(" ");
            return { name, share: share / 10_000 };
          }),
        };
      });
      return { answers, layers, heads, tokens, attention: float32(attention, count) };
    });
  },

  compare({ pictures, captions }) {
    const [size, count] = [pictures[0].length, pictures.length * captions.length];
    return withRoom([size * pictures.length, 4 * count], (pixels, cosines) => {
      pictures.forEach((rgba, i) => memory().set(rgba, pixels + i * size));
      const scale = withText(captions.join("\n"), (place, length) =>
        program.compare(pixels, pictures.length, place, length, cosines));
      const found = [...float32(cosines, count)];
      return {
        scale, // of the logits
        cosines: pictures.map((_, i) => found.slice(i * captions.length, (i + 1) * captions.length)),
      };
    });
  },
});
