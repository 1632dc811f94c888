// Painting on the sheet: colours, brushes, fill, undo; with mouse, finger or keyboard.
"use strict";

(() => {
  const { $, make } = Page;

  // The colours of sticker world, and two of its backgrounds.
  const colours = [
    ["red", "#ee2f3c"], ["orange", "#ff8516"], ["yellow", "#ffdc30"], ["green", "#3cb550"], ["blue", "#2c76ea"],
    ["purple", "#8e4ad6"], ["pink", "#ff84b8"], ["white", "#fafbff"], ["brown", "#86500a"], ["night", "#1a1b52"],
  ];
  const tools = [["Fine", 2], ["Medium", 5], ["Broad", 10], ["Fill", 0]];
  let colour = colours[0], size = 5;
  let last = null;               // where the brush was, while it paints
  let cursor;                    // of the keyboard, from the middle
  const past = [];               // sheets for undo

  const sheet = () => $("sheet").getContext("2d", { willReadFrequently: true });
  const rgb = () => [1, 3, 5].map((i) => parseInt(colour[1].slice(i, i + 2), 16));

  Page.sheetTool = {
    remember: () => {
      past.push({ pixels: sheet().getImageData(0, 0, Page.side, Page.side), isOwn: Page.sheetIsOwn() });
      if (past.length > 50) past.shift();
      $("unpaint").disabled = false;
    },
    isPainting: () => last !== null,
    forget: () => {
      past.length = 0;
      $("unpaint").disabled = true;
    },
  };

  // MARK: - Painting

  /** Sets the pixels of a disc to the colour: no soft edges. */
  const dab = (pixels, x, y) => {
    const radius = size / 2, [r, g, b] = rgb();
    for (let row = Math.floor(y - radius); row <= y + radius; row++) {
      for (let column = Math.floor(x - radius); column <= x + radius; column++) {
        if (row < 0 || column < 0 || row >= Page.side || column >= Page.side) continue;
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) > radius) continue;
        pixels.data.set([r, g, b, 255], 4 * (row * Page.side + column));
      }
    }
  };

  const stroke = (from, to) => {
    const pixels = sheet().getImageData(0, 0, Page.side, Page.side);
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let i = 0; i <= steps; i++) {
      dab(pixels, from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps);
    }
    sheet().putImageData(pixels, 0, 0);
  };

  /** Fills the area of similar colour around a pixel. */
  const fill = (at) => {
    const pixels = sheet().getImageData(0, 0, Page.side, Page.side), { data } = pixels;
    const inside = (value) => Math.min(Math.max(Math.floor(value), 0), Page.side - 1);
    const first = inside(at.y) * Page.side + inside(at.x);
    const seed = data.slice(4 * first, 4 * first + 3), paint = rgb();
    const isNear = (i) => [0, 1, 2].every((c) => Math.abs(data[4 * i + c] - seed[c]) <= 24);
    const seen = new Uint8Array(Page.side * Page.side), open = [first];
    seen[first] = 1;
    while (open.length) {
      const i = open.pop(), x = i % Page.side;
      const around = [x > 0 ? i - 1 : -1, x < Page.side - 1 ? i + 1 : -1, i - Page.side, i + Page.side];
      for (const next of around) {
        if (next < 0 || next >= Page.side * Page.side || seen[next] || !isNear(next)) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
    seen.forEach((isIn, i) => { if (isIn) data.set([...paint, 255], 4 * i); });
    sheet().putImageData(pixels, 0, 0);
  };

  const begin = (at) => {
    Page.sheetTool.remember();
    if (size) stroke(at, at);
    else fill(at);
  };

  const undo = () => {
    if (!past.length) return;
    const { pixels, isOwn } = past.pop();
    if (!past.length && document.activeElement === $("unpaint")) $("sheet").focus({ preventScroll: true });
    $("unpaint").disabled = !past.length;
    if (!isOwn) return Page.sheetTakesBig();  // It was the big picture, and is again.
    sheet().putImageData(pixels, 0, 0);
    Page.sheetChanged();
  };

  // MARK: - Mouse, finger, keyboard

  const pointOf = (event) => {
    const box = $("sheet").getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width * Page.side, y: (event.clientY - box.top) / box.height * Page.side };
  };

  const showBrush = (at) => {
    const brush = $("brush"), width = Math.max(size, 2);
    brush.hidden = !at;
    if (!at) return;
    brush.style.width = brush.style.height = `${100 * width / Page.side}%`;
    brush.style.left = `${100 * (at.x - width / 2) / Page.side}%`;
    brush.style.top = `${100 * (at.y - width / 2) / Page.side}%`;
  };

  const listen = () => {
    const canvas = $("sheet");
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      last = pointOf(event);
      begin(last);
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = pointOf(event);
      showBrush(event.pointerType === "touch" ? null : at);
      if (!last || !size) return;
      stroke(last, at);
      last = at;
    });
    const end = () => {
      if (last) Page.sheetChanged();
      last = null;
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => showBrush(null));
    canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) showBrush(cursor); });
    canvas.addEventListener("blur", () => showBrush(null));
    canvas.addEventListener("keydown", onKey);
  };

  const onKey = (event) => {
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) undo();
    else if (event.altKey || event.ctrlKey || event.metaKey) return;
    else if (event.key === " " || event.key === "Enter") {
      begin(cursor);
      Page.sheetChanged();
    } else {
      const step = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] }[event.key];
      if (!step) return;
      const inside = (value) => Math.min(Math.max(value, 0), Page.side);
      cursor = { x: inside(cursor.x + step[0]), y: inside(cursor.y + step[1]) };
      showBrush(cursor);
      Page.speak(`${cursor.x} across, ${cursor.y} down`);
    }
    event.preventDefault();
  };

  // MARK: - Colours and tools

  const group = (id, items, columns, content, choose, chosen) => {
    const buttons = items.map((item, i) => {
      const button = make("button", { type: "button", role: "radio" });
      content(button, item);
      const pick = () => {
        choose(item);
        buttons.forEach((other, j) => {
          other.setAttribute("aria-checked", i === j);
          other.tabIndex = i === j ? 0 : -1;
        });
      };
      button.onclick = pick;
      if (i === chosen) queueMicrotask(pick);
      return button;
    });
    $(id).append(...buttons);
    Page.rove($(id), "button", columns, (button) => button.click());
  };

  Page.buildSheet = () => {
    cursor = { x: Page.side / 2, y: Page.side / 2 };
    group("palette", colours, 5, (button, [name, value]) => {
      button.style.background = value;
      button.title = name;
      button.setAttribute("aria-label", name);
    }, (item) => { colour = item; }, 0);
    group("tools", tools, 1, (button, [name, width]) => {
      if (width) button.append(make("i", { style: `width:${width + 2}px;height:${width + 2}px` }));
      else button.append(name);
      button.title = width ? `${name} brush` : name;
      button.setAttribute("aria-label", button.title);
    }, (item) => { size = item[1]; }, 1);
    $("unpaint").onclick = undo;
    listen();
  };
})();
