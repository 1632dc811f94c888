// The big picture and the strip beside it: how they grow, are ordered, chosen and saved.
"use strict";

(() => {
  const { $, make } = Page;
  Page.tokens = 0;
  let growing = null;  // while drawing: {request, change, canvases}
  let without = "";    // why the last drawing gave no picture

  // MARK: - The strip

  const thumb = ({ rgba, label, name, pressed, badge, onclick }) => {
    const canvas = make("canvas", { width: Page.side, height: Page.side });
    if (rgba) Page.paint(canvas, rgba);
    const button = make("button", { type: "button", className: "thumb", "aria-label": name },
      canvas, make("span", { className: "label" }, label));
    if (badge) button.append(make("span", { className: "badge" }, badge));
    if (pressed !== undefined) button.setAttribute("aria-pressed", pressed);
    if (onclick) button.onclick = onclick;
    else button.disabled = true;
    return button;
  };

  const candidateThumbs = ({ pictures, chosen }) => pictures.map(({ rgba, score, candidate }, i) => {
    const isBest = i === 0 && pictures.length > 1;
    const button = thumb({
      rgba, label: Page.score(score), pressed: i === chosen, badge: isBest ? "best" : "",
      name: `Picture ${i + 1} of ${pictures.length}, score ${Page.score(score)}${isBest ? ", best" : ""}`,
      onclick: () => Page.choose(i),
    });
    button.dataset.candidate = candidate;
    return button;
  });

  const chainThumbs = () => Page.chain.map((result, i) => {
    const { rgba, score } = result.pictures[result.chosen];
    const name = i === 0 ? "Original" : `Change ${i}`;
    return thumb({
      rgba, label: Page.score(score), badge: i === 0 ? "original" : String(i),
      pressed: i === Page.at(), name: `${name}, score ${Page.score(score)}`, onclick: () => Page.go(i),
    });
  });

  const renderStrip = () => {
    const result = Page.result();
    const isChain = Page.chain.length > 1;
    const focused = [...$("strip").children].indexOf(document.activeElement);
    const button = document.activeElement?.closest("#chainButtons button");
    $("chainButtons").hidden = !isChain;
    $("undo").disabled = Page.at() === 0;
    $("candidatesTitle").textContent = !result ? "Candidates" : isChain ? "Your changes"
      : result.pictures.length > 1 ? "Candidates, best first" : "One candidate";
    if (!result) return $("strip").replaceChildren();
    $("strip").replaceChildren(...(isChain ? chainThumbs() : candidateThumbs(result)));
    $("stripNote").textContent = isChain ? described(result.change)
      : "Scores by the reranker: the higher, the better a picture fits the caption.";
    $("strip").children[focused]?.focus();
    if (button && (!isChain || button.disabled)) $("strip").querySelector("[aria-pressed=true]").focus();
  };

  const described = (change) => change
    ? `Token at ${Page.place(change.place)}: code ${change.from} became ${change.to}; what follows is drawn anew.`
    : "Before any change.";

  /** Lets the candidates move from the order in which they were drawn to that of their scores. */
  const slide = (before) => {
    if (Page.isCalm()) return;
    for (const button of $("strip").children) {
      const from = before[button.dataset.candidate], to = button.getBoundingClientRect();
      if (!from || !button.animate) continue;
      const shift = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      button.animate([{ transform: shift }, { transform: "none" }], { duration: 500, easing: "ease-in-out" });
    }
  };

  // MARK: - Drawing

  Page.on("begin", ({ request, change }) => {
    growing = { request, change, canvases: [], seen: [] };
    Page.tokens = 0;
    const blank = (i) => thumb({ label: "…", name: `Candidate ${i + 1}, being drawn` });
    if (change) {
      const kept = chainThumbs().slice(0, Page.at() + 1);
      $("strip").replaceChildren(...kept, thumb({ label: "…", badge: String(kept.length), name: "Being drawn" }));
      growing.canvases = [$("strip").lastChild.querySelector("canvas")];
      $("candidatesTitle").textContent = "Your changes";
    } else {
      $("strip").replaceChildren(...Array.from({ length: request.candidates }, (_, i) => blank(i)));
      growing.canvases = [...$("strip").querySelectorAll("canvas")];
      $("candidatesTitle").textContent = request.candidates > 1 ? "Candidates" : "One candidate";
    }
    $("chainButtons").hidden = true;
    $("stripNote").textContent = request.candidates > 1 && !change
      ? "All are drawn at once; then the reranker orders them." : "\u00a0";
    $("draw").textContent = "Stop";
    $("count").textContent = "Reading the caption …";
    $("progress").value = request.given.length;
    document.body.classList.add("drawing");
  });

  const isBlank = (rgba) => rgba.every((value, j) => j % 4 === 3 || value === rgba[0]);

  Page.on("frame", ({ tokens, pictures, time }) => {
    if (!growing) return;
    Page.tokens = tokens;
    $("progress").value = tokens;
    const total = $("progress").max;
    $("count").textContent = tokens < total
      ? `${tokens} of ${total} tokens · ${Page.seconds(time)}` : "Comparing with the caption …";
    pictures.forEach(({ rgba }, i) => {
      // Not every frame has news of every picture: each is shown as far as it was when it changed.
      const before = growing.seen[i] ?? { rgba: null, tokens: 0 };
      const hasNews = before.rgba ? rgba.some((value, j) => value !== before.rgba[j]) : !isBlank(rgba);
      const now = growing.seen[i] = { rgba, tokens: hasNews ? tokens : before.tokens };
      for (const canvas of i === 0 ? [$("big"), growing.canvases[0]] : [growing.canvases[i]]) {
        if (!canvas) continue;
        Page.paint(canvas, rgba);
        if (now.tokens < total) Page.clearFrom(canvas, now.tokens);
      }
    });
  });

  Page.on("end", ({ result, isStopped }) => {
    const before = {};
    if (result && !result.change) {
      [...$("strip").children].forEach((child, i) => { before[i] = child.getBoundingClientRect(); });
    }
    growing = null;
    $("draw").textContent = "Draw";
    document.body.classList.remove("drawing");
    const total = $("progress").max;
    Page.tokens = $("progress").value = Page.result() ? total : 0;
    renderStrip();
    if (result && !result.change) slide(before);
    if (!Page.result()) $("big").getContext("2d").clearRect(0, 0, Page.side, Page.side);
    // Without a result the one before is shown again.
    if (!Page.result()) $("count").textContent = isStopped ? "Stopped." : "\u00a0";
    without = result ? "" : isStopped ? "Stopped; the one before." : "Not drawn; the one before.";
  });

  Page.on("picture", () => {
    const result = Page.result(), picture = Page.picture();
    $("save").disabled = $("link").disabled = !picture;
    if (!picture || growing) return;
    Page.paint($("big"), picture.rgba);
    $("big").setAttribute("aria-label", `Drawn for “${result.request.caption}”`);
    renderStrip();
    const drawn = $("progress").max - result.request.given.length;
    const times = result.pictures.length > 1 ? ` × ${result.pictures.length}` : "";
    $("count").textContent = without || `${drawn} token${drawn === 1 ? "" : "s"}${times} · ${Page.seconds(result.time)}`;
    without = "";
  });

  // MARK: - Buttons

  const save = () => {
    const scale = 8, big = $("big");
    const canvas = make("canvas", { width: big.width * scale, height: big.height * scale });
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(big, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      if (!blob) return Page.fault("stageError", "The browser could not make a PNG file.");
      const { caption, seed } = Page.result().request;
      const name = caption.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-").slice(0, 60) ?? "picture";
      const link = make("a", { href: URL.createObjectURL(blob), download: `${name}-${seed}.png` });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      Page.say("Saved.");
    }, "image/png");
  };

  const copy = async () => {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      isCopied = false;
    }
    const text = isCopied ? "Copied" : "It is in the address bar";
    Page.say(isCopied ? "Link copied." : "The link is in the address bar.");
    $("link").textContent = text;
    setTimeout(() => { $("link").textContent = "Copy link"; }, 2500);
  };

  Page.buildStage = () => {
    const { rows, columns } = Page.engine.configuration;
    $("progress").max = rows * columns;
    $("save").onclick = save;
    $("link").onclick = copy;
    $("undo").onclick = () => Page.go(Page.at() - 1);
    $("leave").onclick = () => Page.leave();
  };
})();
