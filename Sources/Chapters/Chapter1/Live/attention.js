// A sticker of the reader's, cut into patches: what the classifier reads off it, and where its heads look.
withModels(root, ["vit"], async (engine) => {
  const { things, wearers, colours, backgrounds: scenes } = engine.stickers;
  const side = 8, heads = 4, unit = 76, margin = 36; // patches of a row, heads of a layer; pixels of the large picture
  let chosen = 0, pointed = 0; // tokens: 0 is the class token, patches count from 1
  let map = 5 * heads + 1, layout = 1, look, isBusy = false, isStale = false; // map counts all heads: head 2 of layer 6

  const menu = (name, options, value) => `<select aria-label="${name}">${options.map((option) =>
    `<option${option === value ? " selected" : ""}>${option}</option>`).join("")}</select>`;
  const title = (i) => `Head ${i % heads + 1} of layer ${Math.floor(i / heads) + 1}`;
  const radio = (i) => `${i % heads ? "" : `<span>layer ${i / heads + 1}</span>`}<label title="${title(i)}"><input type="radio" name="live-attention"
    value="${i}" aria-label="${title(i)}"${i === map ? " checked" : ""}><canvas width="${side}" height="${side}"></canvas></label>`;
  root.innerHTML = `
    <div class="live-controls" style="gap:0.4rem"><span>a</span>${menu("size", ["any size", "small", "big"], "big")}
      ${menu("colour", colours, "orange")}${menu("thing", things, "cat")}
      <span>wearing ${menu("accessory", ["nothing", "a hat", "a bow"], "a hat")} <span>in ${menu("colour of the accessory", colours, "green")}</span></span>
      ${menu("background", scenes, "at night")}<button type="button">Another layout</button></div>
    <div class="parts"><div style="width:19rem">
        <canvas width="${margin + side * unit}" height="${margin + side * unit}" tabindex="0" role="img" style="width:100%;touch-action:pan-y"></canvas>
        <div class="live-controls"><label><input type="checkbox" checked> dimmed</label> <button type="button">Back to the class token</button></div>
        <p aria-live="polite" style="min-height:7em"></p></div>
      <div style="flex:1 1 19rem"><div class="parts" style="margin:0"><div class="maps"><span>head</span>${[1, 2, 3, 4].map((head) => `<span>${head}</span>`).join("")}
          ${Array.from({ length: 24 }, (_, i) => radio(i)).join("")}</div><div class="answers"></div></div>
        <p>Each small map is a head’s, from dark (least) to yellow (most of that map); choose one to dim the picture where little attention goes.
          Even attention would take 1.5 % from each of 65 tokens. Point at a patch, or go there with the arrow keys, to see where that patch
          looks; a click keeps it. Then try an orange star.</p></div></div>`;
  root.append(Object.assign(document.createElement("style"), { textContent: `
    #live-attention .parts { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin-top: 0.8rem; font-size: 0.95rem; line-height: 1.4; }
    #live-attention .maps { display: grid; grid-template-columns: auto repeat(${heads}, 2.6rem); gap: 0.3rem; place-content: start; place-items: center; }
    #live-attention .maps label, #live-attention .maps canvas { display: block; width: 2.6rem; height: 2.6rem; image-rendering: pixelated; }
    #live-attention .maps input { position: absolute; opacity: 0; }
    #live-attention .maps :checked + canvas { outline: 3px solid var(--keyword); } #live-attention .maps :focus-visible + canvas { outline-color: var(--link); }
    #live-attention .answers { flex: 1 1 7rem; display: flex; flex-wrap: wrap; align-content: start; gap: 0.6rem 1rem; }` }));
  const [size, colour, thing, accessory, hue, background] = root.querySelectorAll("select"), [another, reset] = root.querySelectorAll("button");
  const [picture, ...maps] = root.querySelectorAll("canvas"), dims = root.querySelector("[type=checkbox]"), finding = root.querySelector("p");
  const image = document.createElement("canvas"), percent = (share) => `${(100 * share).toFixed(1)} %`;
  const a = (phrase) => `${"aeiou".includes(phrase[0]) ? "an" : "a"} ${phrase}`;

  // Draws the caption and has it looked at. What is asked for meanwhile is done afterwards, once.
  async function compose() {
    const canWear = wearers.includes(thing.value), wears = canWear && accessory.value !== "nothing";
    const subject = a(`${size.value === "any size" ? "" : `${size.value} `}${colour.value} ${thing.value}`);
    const caption = `${subject}${wears ? ` wearing ${a(`${hue.value} ${accessory.value.slice(2)}`)}` : ""} ${background.value}`;
    root.querySelector("span").textContent = subject.split(" ")[0];
    [accessory.parentElement.hidden, hue.parentElement.hidden, isStale] = [!canWear, !wears, isBusy];
    if (isBusy) return;
    isBusy = true;
    try {
      const { rgba } = await engine.sticker(caption, layout);
      look = await engine.look(rgba);
      paint(image, rgba);
      root.querySelector(".answers").innerHTML = look.answers.map(({ question, answers }) => `<div><b>${question}?</b>${answers
        .sort((x, y) => y.share - x.share).slice(0, 3).map(({ name, share }) => `<br>${name} ${percent(share)}`).join("")}</div>`).join("");
      show();
    } catch (error) { finding.textContent = sentence(error); }
    isBusy = false;
    if (isStale) await compose();
  }

  function show() {
    if (!look) return; // the first picture is on its way
    const query = pointed || chosen, { tokens, attention } = look;
    const weights = maps.map((_, i) => attention.slice((i * tokens + query) * tokens, (i * tokens + query + 1) * tokens));
    const levels = weights.map(([, ...patches]) => { // from 0 for the least of a map's patches to 1 for the most
      const least = Math.min(...patches), most = Math.max(...patches);
      return patches.map((weight) => (weight - least) / (most - least || 1));
    });
    maps.forEach((canvas, i) => levels[i].forEach((t, patch) => {
      const fillStyle = `oklch(${0.2 + 0.75 * t} ${0.06 + 0.11 * t} ${305 - 195 * t})`; // as in the figure above
      Object.assign(canvas.getContext("2d"), { fillStyle }).fillRect(patch % side, Math.floor(patch / side), 1, 1);
    }));
    const pen = picture.getContext("2d"), corner = (patch) => [margin + patch % side * unit, margin + Math.floor(patch / side) * unit];
    Object.assign(pen, { font: "26px system-ui", textAlign: "center", textBaseline: "middle", imageSmoothingEnabled: false, strokeStyle: "#e5141f", lineWidth: 8 });
    pen.clearRect(0, 0, picture.width, picture.height);
    levels[map].forEach((t, patch) => {
      pen.drawImage(image, patch % side * 8, Math.floor(patch / side) * 8, 8, 8, ...corner(patch), unit - 4, unit - 4);
      pen.fillStyle = `rgb(128 128 128 / ${dims.checked ? 0.9 * (1 - t) : 0})`;
      pen.fillRect(...corner(patch), unit - 4, unit - 4);
    });
    pen.fillStyle = getComputedStyle(root).color;
    for (let i = 0; i < side; i++) for (const at of [[margin + (i + 0.5) * unit, margin / 2], [margin / 2, margin + (i + 0.5) * unit]]) pen.fillText(i, ...at);
    if (query) pen.strokeRect(...corner(query - 1), unit - 4, unit - 4);

    const row = weights[map], best = row.indexOf(Math.max(...row.slice(1)), 1);
    const place = (token) => `row ${Math.floor((token - 1) / side)}, column ${(token - 1) % side}`;
    const shares = [`${percent(row[best])} from ${best === query ? "itself" : place(best)} (the brightest patch)`];
    if (best !== query) shares.push(`${percent(row[query])} from itself`);
    if (query) shares.push(`${percent(row[0])} from the class token`);
    finding.textContent = `${title(map)}: ${query ? `the patch in ${place(query)}` : "the class token"} takes ${new Intl.ListFormat("en-GB").format(shares)}.`;
    picture.setAttribute("aria-label", finding.textContent);
  }

  const ask = (token, under = 0) => { if (token !== chosen || under !== pointed) { [chosen, pointed] = [token, under]; show(); } };
  const tokenOf = (row, column) => [row, column].every((i) => i >= 0 && i < side) ? 1 + row * side + column : 0;
  const tokenAt = ({ offsetX, offsetY }) => tokenOf(...[offsetY, offsetX].map((at) => Math.floor((at / picture.clientWidth * picture.width - margin) / unit)));
  Object.assign(picture, { onpointermove: (event) => ask(chosen, tokenAt(event)), onpointerleave: () => ask(chosen), onclick: (event) => ask(tokenAt(event)) });
  picture.onkeydown = (event) => {
    const [down, right] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key] ?? [];
    if (down === undefined) return;
    event.preventDefault();
    const from = (chosen || tokenOf(3, 3)) - 1;
    ask(tokenOf(Math.floor(from / side) + down, from % side + right) || chosen);
  };
  root.querySelectorAll("select").forEach((select) => select.onchange = compose);
  root.querySelectorAll("[type=radio]").forEach((input) => input.onchange = () => { map = Number(input.value); show(); });
  [another.onclick, reset.onclick, dims.onchange] = [() => { layout++; compose(); }, () => ask(0), show];
  await compose();
});
