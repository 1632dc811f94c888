// A picture drawn token by token: which codes are likely for the next place, and which one is drawn, or chosen by hand.
withModels(root, ["transformer", "dvae", "reranker"], async (engine) => {
  const { rows, columns, factor } = engine.configuration, all = rows * columns, size = 8 * factor; // of a token on the screen
  const sliders = [["temperature", 0, 1.5, 0.7], ["guidance", 1, 4, 2], ["top-p", 0.05, 1, 0.95]];
  let codes = []; // of the picture so far
  let listed = []; // the likeliest codes for the next place; none until they are known
  let isDrawing = false, isAsking = false, isStale = false;

  root.innerHTML = `
    <div class="live-controls"><label style="max-width:100%">caption <input type="text" maxlength="200" style="width:23rem;max-width:100%"></label>
      <label>seed <input type="number" required min="0" max="999999" value="1" style="width:6rem"></label></div>
    <div style="display:flex;flex-wrap:wrap;gap:0.6rem 1.2rem;margin-top:0.6rem">
      <div style="flex:1 1 18rem"><canvas role="img" style="display:block;width:100%;margin-bottom:0.6rem"></canvas>
        <div class="live-controls" style="gap:0.4rem">${["Draw a token", "Draw a row", "Draw the rest", "Back a token", "Start again"].map((name) =>
          `<button type="button">${name}</button>`).join("")}</div><p aria-live="polite" style="min-height:6.4em"></p><p role="alert"></p></div>
      <div style="flex:1 1 18rem">${sliders.map(([name, least, most, value]) => `<label style="display:grid;grid-template-columns:7rem 1fr 2.5rem;gap:0.5rem">${name}
          <input type="range" min="${least}" max="${most}" step="0.05" value="${value}" style="min-width:0"> <output></output></label>`).join("")}
        <div role="group" aria-label="The likeliest codes" style="display:grid;gap:0.2rem;margin-top:0.4rem">${`<button type="button"
          style="display:grid;grid-template-columns:3rem 2.75rem 1fr 5.5rem;gap:0.6rem;align-items:center;text-align:left;visibility:hidden">
          <canvas aria-hidden="true" style="width:3rem;height:2rem;image-rendering:pixelated"></canvas><span></span><span><span class="live-bar"></span></span><span></span></button>`.repeat(10)}</div></div>
    </div>`;
  const [caption, seed, ...ranges] = root.querySelectorAll("input"), outputs = root.querySelectorAll("output"), [finding, flaw] = root.querySelectorAll("p");
  const [token, row, rest, back, again, ...choices] = root.querySelectorAll("button"), picture = root.querySelector("canvas"), small = document.createElement("canvas");
  const wish = () => {
    const [temperature, guidance, topP] = ranges.map((range) => range.valueAsNumber);
    return { caption: caption.value, temperature, guidance, topP };
  };

  const fail = (error) => { flaw.textContent = sentence(error); };
  /// Shows the first `count` tokens of a picture and frames the next place; all others are grey.
  function draw(rgba, count) {
    const pen = picture.getContext("2d"), [x, y] = [count % columns * size, Math.floor(count / columns) * size];
    [picture.width, picture.height] = [columns * size, rows * size];
    [pen.imageSmoothingEnabled, pen.fillStyle] = [false, "#808080"];
    paint(small, rgba);
    pen.drawImage(small, 0, 0, picture.width, picture.height);
    pen.fillRect(x, y, picture.width, size);
    pen.fillRect(0, y + size, picture.width, picture.height);
    if (count < all) ["white", "#d1242f"].forEach((colour, i) => {
      [pen.lineWidth, pen.strokeStyle] = [8 - 4 * i, colour];
      pen.strokeRect(x + 2, y + 2, size - 4, size - 4);
    });
    picture.setAttribute("aria-label", `The picture so far: ${count} of ${all} tokens`);
  }

  /// Shows the likeliest codes as bars. The little pictures show a code and the tokens before it, two rows of three.
  function list() {
    choices.forEach((choice, i) => {
      choice.style.visibility = listed[i] ? "" : "hidden";
      if (!listed[i]) return;
      const [patch, name, { firstChild: bar }, share] = choice.children, { code, probability, kept, rgba } = listed[i], pen = patch.getContext("2d");
      [patch.width, patch.height] = [3 * factor, 2 * factor];
      pen.putImageData(new ImageData(rgba, 5 * factor), -factor, -factor);
      pen.clearRect(2 * factor, factor, factor, factor);
      [name.textContent, share.textContent] = [code, `${(100 * probability).toFixed(1)} %${kept ? "" : ", cut"}`];
      [bar.style.width, bar.style.background] = [`${100 * probability}%`, kept ? "" : "var(--soft)"];
      [choice.style.color, choice.style.borderStyle] = kept ? ["", ""] : ["var(--soft)", "dashed"];
    });
    const kept = listed.filter((found) => found.kept).length, sum = listed.reduce((total, found) => total + found.probability, 0);
    const percent = (share) => `${(100 * share).toFixed(0)} %`, [{ valueAsNumber: temperature }, , { valueAsNumber: topP }] = ranges;
    const choice = !temperature ? "Temperature 0 takes the likeliest one" : kept === listed.length && sum < topP ? `Top-p ${topP} keeps all ten and more`
      : `Top-p ${topP} keeps ${kept === 1 ? "one code" : `${kept} codes`}`;
    finding.textContent = !listed.length ? `All ${all} tokens are drawn. Go back to draw others, or start again with another seed.`
      : `Row ${Math.floor(codes.length / columns)}, column ${codes.length % columns}: the likeliest code has ${percent(listed[0].probability)}, these ten together ${percent(sum)}. `
        + `${choice}. Click a code to place it by hand.${codes.length ? "" : " The next two sections explain the sliders."}`;
  }

  /// Shows the picture and asks what may come next. Changes that happen meanwhile are asked for once, at the end.
  async function update() {
    ranges.forEach((range, i) => { outputs[i].textContent = range.valueAsNumber.toFixed(2); });
    [listed, isStale] = [[], true];
    if (isAsking || isDrawing) return;
    isAsking = true;
    while (isStale) {
      isStale = false;
      // Places that are still missing repeat the code above them, or the one before.
      const place = codes.length, grid = [...codes];
      while (grid.length < all) grid.push(grid[grid.length - columns] ?? grid[grid.length - 1] ?? 0);
      try {
        draw((await engine.decode(grid)).rgba, place);
        const { error, unknown } = await engine.read(caption.value);
        if (error) throw new Error(error);
        const found = place < all ? await engine.alternatives({ ...wish(), codes: grid, place, most: choices.length }) : [];
        flaw.textContent = unknown.length ? `The model has not learnt ${unknown.map(({ word }) => `“${word}”`).join(", ")}.` : "";
        if (!isStale) { listed = found; list(); }
      } catch (error) { fail(error); }
    }
    isAsking = false;
  }

  async function extend(until) {
    if (isDrawing || codes.length === all) return;
    if (!seed.validity.valid) { flaw.textContent = "The seed is a whole number from 0 to 999,999."; return; }
    [isDrawing, flaw.textContent] = [true, ""];
    // Every call begins its random numbers anew, so each place where one begins has a seed of its own.
    const own = seed.valueAsNumber + 1_000_000 * codes.length;
    const drawn = await engine.draw({ ...wish(), seed: own, given: codes, until }, ({ tokens, pictures }) => draw(pictures[0].rgba, tokens)).catch(fail);
    isDrawing = false;
    if (drawn) set([...drawn.codes ?? drawn.pictures[0].codes]);
  }
  const set = (next) => { if (!isDrawing) { codes = next; update(); } };
  token.onclick = () => extend(codes.length + 1);
  row.onclick = () => extend((Math.floor(codes.length / columns) + 1) * columns);
  rest.onclick = () => extend(all);
  [back.onclick, again.onclick] = [() => set(codes.slice(0, -1)), () => set([])];
  choices.forEach((choice, i) => { choice.onclick = () => listed[i] && set([...codes, listed[i].code]); });
  [caption, ...ranges].forEach((input) => { input.oninput = update; });
  caption.value = "a red star above a blue house at night";
  await update();
});
