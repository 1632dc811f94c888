// Twelve candidates for a caption, of which CLIP chooses among the first n: what a larger n is worth.
withModels(root, ["transformer", "dvae", "reranker"], async (engine) => {
  const count = 12, all = engine.configuration.rows * engine.configuration.columns; // candidates; tokens of each
  let scores = null; // of the candidates, in the order drawn
  let seed = 1, unknown = "", isDrawing = false;

  const canvas = `<canvas role="img" aria-label="Nothing yet" width="64" height="64" style="display:block;width:100%;image-rendering:pixelated;background:var(--code)"></canvas>`;
  root.innerHTML = `
    <form class="live-controls"><label style="max-width:100%">caption <input type="text" maxlength="200" style="width:25rem;max-width:100%"></label>
      <button>Draw ${count} candidates</button></form>
    <div style="display:flex;flex-wrap:wrap;gap:0.6rem 1.2rem;margin-top:0.6rem">
      <div style="flex:1 1 17rem">
        <label style="display:grid;grid-template-columns:auto 1fr 1.5rem;gap:0.5rem">best of n = <input type="range" min="1" max="${count}" value="1" style="min-width:0" disabled> <output>1</output></label>
        <div style="display:grid;grid-template-columns:repeat(4,1fr);gap:0.5rem;margin-top:0.4rem">${`<small style="text-align:center">${canvas}<span>&nbsp;</span></small>`.repeat(count)}</div></div>
      <div style="flex:1 1 17rem"><div style="width:12rem;max-width:100%;margin:0 auto">${canvas}</div>
        <svg viewBox="0 0 340 170" role="img" aria-label="No scores yet" style="width:100%;font-size:13px"></svg></div>
    </div><p aria-live="polite"></p>`;
  const [caption, slider] = root.querySelectorAll("input"), value = root.querySelector("output"), text = root.querySelector("p"), plot = root.querySelector("svg"), button = root.querySelector("button");
  const canvases = [...root.querySelectorAll("canvas")], best = canvases.pop(), labels = root.querySelectorAll("small span");
  const winner = (n) => scores.indexOf(Math.max(...scores.slice(0, n)));

  /// The mean of the best score over all ways to take n of the candidates, from their sorted scores: the formula of
  /// this chapter. Each candidate's probability of being the best of n comes from the one before.
  function expected(n) {
    let probability = n / count, sum = 0;
    [...scores].sort((a, b) => b - a).slice(0, count - n + 1).forEach((score, place) => {
      sum += probability * score;
      probability *= (count - n - place) / Math.max(1, count - 1 - place);
    });
    return sum;
  }

  /// Plots the score of each candidate, the best of the first n, and the best of n on average.
  function curve() {
    const sizes = scores.map((_, i) => i + 1), reached = sizes.map((n) => scores[winner(n)]), mean = sizes.map(expected);
    const [least, most] = [Math.min(...scores), Math.max(...scores)], n = slider.valueAsNumber;
    const x = (size) => 48 + 282 * (size - 1) / (count - 1), y = (score) => 128 - 92 * (score - least) / (most - least || 1);
    const line = (values, style) => `<polyline fill="none" stroke-width="2" ${style} points="${values.map((score, i) => `${x(i + 1)},${y(score)}`).join(" ")}"/>`;
    const label = (left, top, text, style) => `<text x="${left}" y="${top}" ${style}>${text}</text>`;
    plot.innerHTML = label(4, 14, "— best of the first n", `fill="var(--link)"`) + label(330, 14, "- - mean over all orders", `fill="var(--soft)" text-anchor="end"`)
      + [least, most].map((score) => label(42, y(score) + 4, score.toFixed(3), `fill="var(--soft)" text-anchor="end"`)).join("")
      + [1, 4, 8, 12].map((size) => label(x(size), 150, size, `fill="var(--soft)" text-anchor="middle"`)).join("") + label(189, 168, "n", `fill="var(--soft)" text-anchor="middle" font-style="italic"`)
      + scores.map((score, i) => `<circle cx="${x(i + 1)}" cy="${y(score)}" r="3" fill="var(--${i < n ? "soft" : "line"})"/>`).join("")
      + line(mean, `stroke="var(--soft)" stroke-dasharray="5 4"`) + line(reached, `stroke="var(--link)"`)
      + `<circle cx="${x(n)}" cy="${y(reached[n - 1])}" r="6" fill="var(--keyword)"/>`;
  }

  function show() {
    const n = slider.valueAsNumber, chosen = winner(n);
    value.textContent = n;
    canvases.forEach((picture, i) => {
      [picture.style.opacity, picture.style.outline] = [i < n ? 1 : 0.25, i === chosen ? "4px solid var(--keyword)" : ""];
      labels[i].textContent = scores[i].toFixed(3);
      [labels[i].style.color, labels[i].style.fontWeight] = [i < n ? "" : "var(--soft)", i === chosen ? "bold" : ""];
      picture.setAttribute("aria-label", `Candidate ${i + 1}${i === chosen ? ", the best" : i < n ? "" : ", not among them"}`);
    });
    [best.width, best.height] = [canvases[chosen].width, canvases[chosen].height];
    best.getContext("2d").drawImage(canvases[chosen], 0, 0);
    best.setAttribute("aria-label", `Candidate ${chosen + 1}, large`);
    curve();
    text.textContent = (n === 1 ? "With n = 1 the first candidate is shown, whatever it is" : `Of the first ${n}, CLIP likes number ${chosen + 1} best`)
      + `: its cosine with the caption is ${scores[chosen].toFixed(3)}. ${n === 1 ? "A candidate" : `The best of any ${n}`} of these ${count} has ${expected(n).toFixed(3)} on average. `
      + `A larger n can only raise this score, but the score is CLIP's opinion and not the truth: look yourself whether the picture is right.${unknown && ` The models have not learnt ${unknown}.`}`;
    plot.setAttribute("aria-label", `The best score against n. ${text.textContent}`);
  }

  async function draw() {
    if (isDrawing) return;
    [isDrawing, slider.disabled] = [true, true];
    try {
      // As in the chapter: temperature 1, no filters, no guidance.
      const wish = { caption: caption.value, seed: seed + 1, candidates: count, temperature: 1, topP: 1, guidance: 1 };
      const { pictures } = await engine.draw(wish, (frame) => canvases.forEach((picture, i) => {
        paint(picture, frame.pictures[i].rgba);
        [picture.style.opacity, picture.style.outline, labels[i].textContent] = [1, "", "…"];
        button.textContent = `Drawing, ${Math.round(100 * frame.tokens / all)} %`;
      }));
      unknown = (await engine.read(wish.caption)).unknown.map(({ word }) => `“${word}”`).join(", ");
      [seed, scores] = [wish.seed, []];
      for (const { candidate, score, rgba } of pictures) {
        scores[candidate] = score;
        paint(canvases[candidate], rgba);
      }
      show();
    } catch (error) { text.textContent = sentence(error); }
    [isDrawing, slider.disabled, button.textContent] = [false, !scores, `Draw ${count} ${scores ? "others" : "candidates"}`];
  }

  root.querySelector("form").onsubmit = (event) => { event.preventDefault(); draw(); };
  slider.oninput = show;
  caption.value = "an orange cat wearing a green hat at sunset";
  text.textContent = `Draw ${count} candidates as the chapter does, at temperature 1, without a filter and without guidance. Then drag n: CLIP chooses among the first n of them.`;
});
