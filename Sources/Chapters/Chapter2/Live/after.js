// Four pictures and four captions of the reader's: their cosines, and CLIP's zero-shot guess of one picture.
withModels(root, ["clip"], async (engine) => {
  const { things, colours, backgrounds: scenes } = engine.stickers;
  const questions = [things.map((thing) => `a ${thing}`), colours.map((colour) => `something ${colour}`), scenes]; // in prompts
  const captions = ["a red star above a blue house at night", "a blue star above a red house at night",
    "a blue house above a red star at night", "a white penguin wearing a red hat in the snow"];
  const pictures = []; // {caption, rgba}, from these captions at first
  let chosen = 0, layout = 1, result, isBusy = false, isStale = false;

  root.innerHTML = `
    <div class="captions">${captions.map((caption, i) =>
      `<label>${i + 1} <input type="text" value="${caption}" maxlength="120" spellcheck="false" aria-label="caption ${i + 1}"></label>`).join("")}</div>
    <div class="halves"><div><table><thead><tr><td>caption</td>${captions.map((_, i) => `<th>${i + 1}</th>`).join("")}</tr></thead>
        <tbody>${captions.map((_, i) => `<tr><th><button type="button">${i + 1} <canvas></canvas></button></th>
          ${"<td></td>".repeat(captions.length)}</tr>`).join("")}</tbody></table><p aria-live="polite"></p></div>
      <div><form><label>Picture <span></span> from the caption <input type="text" maxlength="120" spellcheck="false"></label> <button>Draw</button></form>
        <p role="alert"></p>${'<div class="guess"></div>'.repeat(questions.length)}<p aria-live="polite"></p></div></div>
    <p>Change the captions, in any words. The first three differ only in the order of theirs: what belongs to what, and what is where, is hardest
      for this CLIP. Choose a picture by a click; its zero-shot guess is a softmax of cosines, times CLIP’s scale, over the prompts of a question.</p>`;
  root.append(Object.assign(document.createElement("style"), { textContent: `
    #live-after .captions label { display: flex; gap: 0.6rem; margin-bottom: 0.3rem; align-items: center; }
    #live-after input { flex: 1; width: 100%; min-width: 0; font-size: 1rem; }
    #live-after .halves { display: flex; flex-wrap: wrap; gap: 0.6rem 1.5rem; font-size: 0.95rem; line-height: 1.4; margin-top: 0.8rem; }
    #live-after .halves > div { flex: 1 1 19rem; min-width: 0; }
    #live-after table { margin: 0 0 0 -4px; padding: 4px 0 4px 4px; } #live-after :is(th, td) { padding: 0; border: 0; text-align: center; font-weight: normal; }
    #live-after tbody td { width: 3.65rem; min-width: 3.65rem; height: 3.8rem; border: 2px solid var(--page); font-size: 0.875rem; }
    #live-after tbody td.wins { font-weight: bold; box-shadow: inset 0 0 0 3px var(--keyword); }
    #live-after th button { display: flex; align-items: center; gap: 0.3rem; padding: 0.15rem 0.3rem; }
    #live-after th button[aria-pressed=true] { background: var(--link); color: var(--page); }
    #live-after th canvas { width: 3rem; height: 3rem; image-rendering: pixelated; border-radius: 4px; }
    #live-after form { display: flex; gap: 0.6rem; align-items: end; } #live-after form label { flex: 1; }
    #live-after .guess { display: grid; grid-template-columns: 8.6rem 4rem 1fr; column-gap: 0.4rem; align-items: center; margin-top: 0.6rem; }` }));
  const inputs = [...root.querySelectorAll(".captions input")], choices = [...root.querySelectorAll("th button")];
  const form = root.querySelector("form"), wish = form.querySelector("input"), [finding, problem, guess] = root.querySelectorAll("p");
  const cells = [...root.querySelectorAll("tbody tr")].map((row) => row.querySelectorAll("td")), list = new Intl.ListFormat("en-GB");

  // Asks for all cosines at once. What changes meanwhile is asked for afterwards, once.
  async function compare() {
    isStale = isBusy;
    if (isBusy) return;
    isBusy = true;
    try {
      const texts = inputs.map((input) => input.value.trim());
      result = await engine.compare(pictures.map(({ rgba }) => rgba), [...texts, ...questions.flat()]);
      showMatrix();
      showGuess();
    } catch (error) { problem.textContent = sentence(error); }
    isBusy = false;
    if (isStale) await compare();
  }

  function showMatrix() {
    const orders = cells.map((row, i) => {
      const cosines = result.cosines[i].slice(0, inputs.length), order = [...cosines.keys()].sort((a, b) => cosines[b] - cosines[a]);
      cosines.forEach((cosine, j) => {
        const t = Math.max(0, Math.min(1, (cosine + 0.55) / 1.3)); // the colours of the figure above, from −0.55 to 0.75
        const background = `oklch(${0.2 + 0.75 * t} ${0.06 + 0.11 * t} ${305 - 195 * t})`;
        Object.assign(row[j].style, { background, color: t > 0.55 ? "#141414" : "#ffffff" });
        row[j].textContent = cosine.toFixed(3).replace("-", "−");
        row[j].className = j === order[0] ? "wins" : "";
      });
      return { picture: i + 1, first: order[0] + 1, second: order[1] + 1, margin: cosines[order[0]] - cosines[order[1]] };
    });
    const [closest] = [...orders].sort((x, y) => x.margin - y.margin);
    finding.textContent = `The winning captions are ${list.format(orders.map(({ picture, first }) => `${first} for picture ${picture}`))}. `
      + `The closest call is picture ${closest.picture}, where caption ${closest.first} leads caption ${closest.second} by ${closest.margin.toFixed(4)}.`;
  }

  function showGuess() {
    let from = inputs.length; // the cosines with the prompts follow those with the captions
    const best = questions.map((prompts, i) => {
      const logits = result.cosines[chosen].slice(from, from += prompts.length).map((cosine) => result.scale * cosine), most = Math.max(...logits);
      const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0), order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
      root.querySelectorAll(".guess")[i].innerHTML = order.slice(0, 3).map((j) => [prompts[j], 100 * Math.exp(logits[j] - most) / sum]).map(([prompt, share]) =>
        `<span>${prompt}</span><span>${share.toFixed(1)} %</span><span class="live-bar" style="width:${share}%"></span>`).join("");
      return `“${prompts[order[0]]}”`;
    });
    guess.textContent = `Picture ${chosen + 1} is closest to ${list.format(best)}.`;
  }

  function choose(picture) {
    chosen = picture;
    choices.forEach((button, i) => button.setAttribute("aria-pressed", i === chosen));
    [form.querySelector("span").textContent, wish.value, problem.textContent] = [chosen + 1, pictures[chosen].caption, ""];
    if (result) showGuess();
  }

  async function draw(i, caption) {
    pictures[i] = { caption, ...await engine.sticker(caption, layout) };
    paint(choices[i].querySelector("canvas"), pictures[i].rgba);
    choices[i].setAttribute("aria-label", `picture ${i + 1}: ${caption}`);
  }

  inputs.forEach((input) => input.oninput = compare);
  choices.forEach((button, i) => button.onclick = () => choose(i));
  form.onsubmit = async (event) => {
    event.preventDefault();
    layout++; // another picture of the same caption, too
    try {
      await draw(chosen, wish.value);
      problem.textContent = "";
      await compare();
    } catch (error) { problem.textContent = sentence(error); }
  };
  for (const [i, caption] of captions.entries()) await draw(i, caption);
  choose(0);
  await compare();
});
