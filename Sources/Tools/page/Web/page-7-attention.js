// What was looked at to draw a token: attention of one head of one layer, over the picture and the
// caption. A token is drawn from the one before it, so it is that one which looks.
"use strict";

(() => {
  const { $, make } = Page;
  let layer = 0, head = 0;

  const names = { row: "row", column: "column", convolution: "window", full: "all" };
  const texts = {
    row: "row. It sees the token before and the 16 before that",
    column: "column. It sees the token before and those above that",
    convolution: "convolution. It sees a window around the token before, as far as it was drawn",
    full: "full. It sees all tokens before",
  };
  const kindOf = (layer) => {
    const kind = String(Page.engine.configuration.kinds[layer]);
    return Object.keys(names).find((name) => kind.startsWith(name.slice(0, 4))) ?? kind;
  };

  // MARK: - Choosing a head

  const buildHeads = () => {
    const { layers, heads } = Page.engine.configuration;
    const cells = [make("span", { className: "corner", "aria-hidden": "true" }, "head")];
    for (let h = 0; h < heads; h++) cells.push(make("span", { "aria-hidden": "true" }, String(h + 1)));
    for (let l = 0; l < layers; l++) {
      const name = names[kindOf(l)] ?? kindOf(l);
      cells.push(make("span", { className: "rowName", "aria-hidden": "true" },
        make("b", {}, `layer ${l + 1}`), ` ${name}`));
      for (let h = 0; h < heads; h++) {
        cells.push(make("button", {
          type: "button", role: "radio", "aria-label": `Layer ${l + 1}, ${name}, head ${h + 1}`,
          title: `Layer ${l + 1}, head ${h + 1}`,
          onclick: () => choose(l, h),
        }));
      }
    }
    $("heads").style.gridTemplateColumns = `auto repeat(${heads}, 1.75rem)`;
    $("heads").append(...cells);
    Page.rove($("heads"), "button", heads, (button) => button.click());
    choose(0, 0);
  };

  const choose = (l, h) => {
    layer = l;
    head = h;
    const chosen = l * Page.engine.configuration.heads + h;
    $("heads").querySelectorAll("button").forEach((button, i) => {
      button.setAttribute("aria-checked", i === chosen);
      button.tabIndex = i === chosen ? 0 : -1;
    });
    const kind = kindOf(l);
    $("kind").replaceChildren(make("b", {}, `Layer ${l + 1}, head ${h + 1}`), `: ${texts[kind] ?? kind}, and the caption.`);
    update();
  };

  // MARK: - Asking and showing

  let known = new Map(), knownOf = null;  // answers about one picture
  const tokensOf = { caption: null, tokens: [] };

  const ask = Page.latest(async (isLast) => {
    const picture = Page.picture(), place = Page.token();
    if (!Page.isSight() || !picture || place === null || Page.isDrawing()) return clear();
    const { caption } = Page.result().request;
    if (knownOf !== picture) [knownOf, known] = [picture, new Map()];
    const key = `${place} ${layer} ${head}`;
    try {
      if (tokensOf.caption !== caption) {
        Object.assign(tokensOf, { tokens: (await Page.engine.read(caption)).tokens, caption });
      }
      if (!known.has(key)) {
        known.set(key, await Page.engine.attention({ caption, codes: picture.codes, place, layer, head }));
      }
      if (isLast()) show(known.get(key), tokensOf.tokens);
      Page.fault("insideError", null);
    } catch (error) {
      if (isLast()) Page.fault("insideError", error);
    }
  });
  const update = () => { if (Page.engine) ask(); };

  const clear = () => {
    Page.darken(null);
    $("sightWords").replaceChildren();
    $("sightNote").textContent = "";
  };

  const sum = (values) => values.reduce((total, value) => total + value, 0);

  const show = ({ words, picture }, tokens) => {
    const top = Math.max(...picture, 1e-9);
    Page.darken(Array.from(picture, (share) => 0.86 * (1 - Math.sqrt(share / top))));

    const shares = Array.from(words);
    const onPicture = sum(Array.from(picture)), onWords = sum(shares);
    const pieces = Page.pieces(tokens).map((piece, i) => [piece, shares[i] ?? 0]);
    const extra = (name, share) => pieces.push([make("span", { className: "piece extra" }, name), share]);
    if (tokens.length < shares.length) extra("padding", sum(shares.slice(tokens.length)));
    const rest = 1 - onPicture - onWords;
    if (rest > 0.005) extra("start", rest);
    const most = Math.max(...pieces.map(([, share]) => share), 1e-9);
    $("sightWords").replaceChildren(...pieces.map(([piece, share]) => {
      piece.style.setProperty("--tint", `${(45 * Math.sqrt(share / most)).toFixed(1)}%`);
      piece.append(make("small", {}, Page.percent(share)));
      return piece;
    }));
    const note = `${Page.percent(onPicture)} of this head’s attention goes to the picture, where it is bright, `
      + `${Page.percent(1 - onPicture)} to the caption.`;
    if ($("sightNote").textContent !== note) Page.speak(`Most at ${Page.place(picture.indexOf(top))}. ${note}`);
    $("sightNote").textContent = note;
  };

  Page.buildAttention = () => {
    buildHeads();
    Page.on("token", update);
  };
})();
