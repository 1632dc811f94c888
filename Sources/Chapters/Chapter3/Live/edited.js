// The tokens of a picture, to exchange by hand: which pixels a code changes, and how far away.
withModels(root, ["transformer", "dvae", "reranker"], async (engine) => {
  const { rows, columns, factor, codes: vocabulary } = engine.configuration;
  const captions = ["a red star above a blue house at night", "a white ghost wearing a purple hat in the sky",
    "a green rocket to the left of a yellow moon at night", "a big pink fish by the sea", "a blue cat with a red bow in the snow"];
  const cell = 32, side = columns * factor; // pixels of a token's square on the screen, and of the picture
  let first, codes, rgba, past; // what the encoder made; the tokens now, and their picture; earlier tokens
  let at = 4 * columns + 8, picked = null, layout = 0, newest = 0;
  const canvas = (more, style) => `<canvas role="img" ${more} style="display:block;width:100%;${style}"></canvas>`;
  root.innerHTML = `
    <form class="live-controls"><label style="max-width:100%">caption <input type="text" maxlength="120" style="width:23rem;max-width:100%"></label>
      <span><button>Compose</button> <button type="button">Another</button></span></form>
    <div style="display:flex;flex-wrap:wrap;gap:0.4rem 1.2rem;margin:0.6rem 0">
      <div style="flex:1 1 16rem">
        <div style="display:flex;gap:1rem;margin-bottom:0.6rem">${["picture", "changed pixels"].map((name) =>
          `<small style="flex:1">${name}${canvas(`aria-label="${name}"`, "image-rendering:pixelated;background:var(--code)")}</small>`).join("")}</div>
        <div class="live-controls"><span>The second click</span> ${["puts the first code there", "exchanges both"].map((action) =>
          `<label><input type="radio" name="live-edited"> ${action}</label>`).join("")} <label>framed code <input type="number" required min="0" max="${vocabulary - 1}" style="width:5rem"></label>
          <span><button type="button">Undo</button> <button type="button">Reset</button></span></div></div>
      <small style="flex:0 1 22rem">decoded from ${rows} × ${columns} tokens
        ${canvas(`aria-label="Decoded picture: arrow keys move the frame, Enter clicks" tabindex="0" width="${columns * cell}" height="${rows * cell}"`, "touch-action:manipulation;cursor:pointer")}</small>
    </div><p aria-live="polite"></p><p aria-live="polite"></p>`;
  const [caption, put, exchange, number] = root.querySelectorAll("input"), [, another, undo, reset] = root.querySelectorAll("button");
  const [picture, changes, grid] = root.querySelectorAll("canvas"), [hint, finding] = root.querySelectorAll("p");
  const decoded = document.createElement("canvas"), row = (place) => Math.floor(place / columns), column = (place) => place % columns;

  /// Draws the decoded picture with its grid, the framed place in white and the picked one in red.
  function draw() {
    const pen = grid.getContext("2d");
    const frame = (place, ...colours) => colours.forEach((colour, i) => {
      [pen.lineWidth, pen.strokeStyle] = [8 - 4 * i, colour];
      pen.strokeRect(column(place) * cell + 2, row(place) * cell + 2, cell - 4, cell - 4);
    });
    [pen.imageSmoothingEnabled, pen.fillStyle] = [false, "rgba(128, 128, 128, 0.6)"];
    paint(decoded, rgba);
    pen.drawImage(decoded, 0, 0, grid.width, grid.height);
    for (let i = 1; i < columns; i++) { pen.fillRect(i * cell, 0, 1, grid.height); pen.fillRect(0, i * cell, grid.width, 1); }
    frame(at, "black", "white");
    if (picked !== null) frame(picked, "white", "#d1242f");
  }

  /// Says which pixels differ from the first decoding, and how far they are from the nearest token that was changed.
  function compare() {
    const map = new Uint8ClampedArray(rgba.length), distances = []; // of changed pixels
    const edited = [...codes.keys()].filter((place) => codes[place] !== first.codes[place]);
    const beyond = (pixel, token) => Math.max(token * factor - pixel, pixel - token * factor - factor + 1, 0);
    for (let i = 0; i < side ** 2; i++) {
      const difference = Math.max(...[0, 1, 2].map((c) => Math.abs(rgba[4 * i + c] - first.rgba[4 * i + c])));
      if (difference <= 2) continue;
      map.set([209, 36, 47, 60 + 3 * difference], 4 * i);
      distances.push(Math.min(...edited.map((place) => Math.max(beyond(i % side, column(place)), beyond(Math.floor(i / side), row(place))))));
    }
    const inside = distances.filter((distance) => distance === 0).length;
    paint(changes, map);
    finding.textContent = !edited.length ? `All codes are the encoder's. How many pixels will one code change: only the ${factor ** 2} of its square?`
      : `Of ${codes.length} codes, ${edited.length} ${edited.length === 1 ? "differs" : "differ"} from the encoder's; of ${(side ** 2).toLocaleString("en")} pixels, ${distances.length} have changed by more than 2 of 255: `
        + `${inside} in the squares of changed codes, ${distances.length - inside} around them, up to ${Math.max(0, ...distances)} pixels away. The decoder's convolutions see neighbours, so a code has a say in many squares.`;
  }

  function show() {
    draw();
    compare();
    if (document.activeElement !== number) number.value = codes[at];
    hint.textContent = !number.validity.valid ? `A code is a whole number from 0 to ${(vocabulary - 1).toLocaleString("en")}.` : picked !== null
      ? `Code ${codes[picked]} is picked. ${exchange.checked ? "Click the token to exchange it with" : "Click the places where to put it"}; to let go, click it again.`
      : `Row ${row(at)}, column ${column(at)} has code ${codes[at]}. Click a token to pick it, or type another code for the framed one.`;
  }

  /// Asks the engine, and shows the answer if it is still the newest question.
  async function ask(question, use) {
    try {
      const mine = ++newest, answer = await question();
      if (mine === newest) { use(answer); show(); }
    } catch (error) { hint.textContent = sentence(error); }
  }
  const set = (tokens) => { codes = tokens; ask(() => engine.decode(tokens), (answer) => { rgba = answer.rgba; }); };
  const change = (tokens) => { past.push(codes); set(tokens); };
  const compose = () => ask(async () => {
    const sticker = await engine.sticker(caption.value, layout++);
    return [sticker.rgba, await engine.encode(sticker.rgba)];
  }, ([pixels, found]) => {
    paint(picture, pixels);
    [first, codes, rgba, past, picked] = [found, found.codes, found.rgba, [], null];
  });

  function click(place) {
    const from = picked, isExchange = exchange.checked, code = codes[from];
    [at, picked] = [place, from === null ? place : from === place || isExchange ? null : from];
    if (from === null || code === codes[place]) return show();
    change(codes.with(place, code).with(from, isExchange ? codes[place] : code));
  }

  grid.onclick = (event) => {
    const part = (offset, size, count) => Math.max(0, Math.min(count - 1, Math.floor(offset / size * count)));
    click(part(event.offsetY, grid.clientHeight, rows) * columns + part(event.offsetX, grid.clientWidth, columns));
  };
  grid.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Enter: 0 }[event.key];
    if (step === undefined || at + step < 0 || at + step >= rows * columns) return;
    event.preventDefault();
    if (step) { at += step; show(); } else click(at);
  };
  number.oninput = () => number.validity.valid && number.valueAsNumber !== codes[at] ? change(codes.with(at, number.valueAsNumber)) : show();
  number.onblur = put.onchange = exchange.onchange = show;
  [undo.onclick, reset.onclick] = [() => past.length && set(past.pop()), () => change(first.codes)];
  root.querySelector("form").onsubmit = (event) => { event.preventDefault(); compose(); };
  another.onclick = () => { captions.push(captions.shift()); caption.value = captions[0]; compose(); };
  [caption.value, put.checked] = [captions[0], true];
  await compose();
});
