// Look inside: the grid over the big picture, the token under the pointer or the keyboard, and what
// else could have stood there.
"use strict";

(() => {
  const { $, make } = Page;
  let hovered = null, isSight = false, isAsked = false;
  let selected, cursor;  // one is open from the beginning, to show what can be seen here
  let parts = {};  // of the overlay

  const grid = () => Page.engine.configuration;

  /** The token that is pointed at, or else the one that is open; null for none. */
  Page.token = () => hovered ?? selected;
  Page.isSight = () => isSight && !$("touch").hidden;

  // MARK: - The overlay

  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const buildOverlay = () => {
    const { rows, columns } = grid();
    const root = svg("svg", { viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    let lines = "";
    for (let x = 1; x < columns; x++) lines += `M${x} 0V${rows}`;
    for (let y = 1; y < rows; y++) lines += `M0 ${y}H${columns}`;
    const veil = svg("g", { class: "dim" });
    for (let i = 0; i < rows * columns; i++) {
      veil.append(svg("rect", { x: i % columns, y: Math.floor(i / columns), width: 1.01, height: 1.01, opacity: 0 }));
    }
    const box = (kind) => {
      const group = svg("g", { class: kind, visibility: "hidden" });
      for (const line of ["outer", "inner"]) group.append(svg("rect", { class: line, width: 1, height: 1 }));
      return group;
    };
    parts = { veil, open: box("open"), point: box("point") };
    root.append(veil, svg("path", { class: "lines", d: lines }), parts.open, parts.point);
    $("touch").append(root);
  };

  const put = (box, place) => {
    const { columns } = grid();
    box.setAttribute("visibility", place === null ? "hidden" : "visible");
    if (place !== null) box.setAttribute("transform", `translate(${place % columns} ${Math.floor(place / columns)})`);
  };

  /** Darkens each cell by a share, 0 … 1; null darkens none. */
  Page.darken = (shares) => {
    [...parts.veil.children].forEach((cell, i) => cell.setAttribute("opacity", shares ? shares[i].toFixed(3) : 0));
  };

  const render = () => {
    put(parts.open, selected);
    put(parts.point, hovered);
    const place = Page.token(), picture = Page.picture(), tag = $("tag");
    tag.hidden = hovered === null || !picture;
    if (!tag.hidden) {
      const { rows, columns } = grid();
      const row = Math.floor(place / columns), column = place % columns;
      tag.textContent = `code ${picture.codes[place]}`;
      tag.style.top = row > 1 ? `${100 * row / rows}%` : `${100 * (row + 1) / rows}%`;
      tag.style.left = `${100 * (column + 0.5) / columns}%`;
      tag.className = `tag ${row > 1 ? "above" : "below"} ${column < 3 ? "atLeft" : column > columns - 4 ? "atRight" : ""}`;
    }
    const described = isSight ? Page.token() : selected;
    $("where").textContent = described === null || !picture ? invitation()
      : isSight ? `What was looked at to draw the token at ${Page.place(described)}, code ${picture.codes[described]}:`
      : `What else could have stood at ${Page.place(described)}, instead of code ${picture.codes[described]}?`;
    Page.tell("token");
  };

  const invitation = () => {
    const { rows, columns } = grid();
    return `The picture is made of ${rows} × ${columns} tokens. `
      + (isSight ? "Point at one to see what was looked at to draw it." : "Click one to see what else could have stood there.");
  };

  // MARK: - Pointing and opening

  const placeOf = (event) => {
    const { rows, columns } = grid(), box = $("touch").getBoundingClientRect();
    const inside = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    return inside((event.clientY - box.top) / box.height, rows) * columns
      + inside((event.clientX - box.left) / box.width, columns);
  };

  const point = (place) => {
    if (place === hovered) return;
    hovered = place;
    if (place !== null) cursor = place;
    render();
  };

  const open = (place) => {
    selected = place;
    isAsked = true;
    if (place !== null) cursor = place;
    render();
    loadOthers();
  };

  const onKey = (event) => {
    const { rows, columns } = grid();
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = Math.floor(cursor / columns), column = cursor % columns;
    const to = {
      ArrowLeft: [row, Math.max(column - 1, 0)], ArrowRight: [row, Math.min(column + 1, columns - 1)],
      ArrowUp: [Math.max(row - 1, 0), column], ArrowDown: [Math.min(row + 1, rows - 1), column],
      Home: [row, 0], End: [row, columns - 1], PageUp: [0, column], PageDown: [rows - 1, column],
    }[event.key];
    if (to) {
      point(to[0] * columns + to[1]);
      Page.speak(`Row ${to[0] + 1}, column ${to[1] + 1}, code ${Page.picture()?.codes[cursor]}`);
    } else if (event.key === "Enter" || event.key === " ") open(cursor);
    else if (event.key === "Escape") open(null);
    else return;
    event.preventDefault();
  };

  // MARK: - What else could have stood there

  const loadOthers = Page.calmly(30, Page.latest(async (isLast) => {
    const picture = Page.picture(), place = selected;
    if (Page.isDrawing()) return;
    if (place === null || !picture || isSight) return showOthers([], null);
    const { candidates, ...settings } = Page.settings();
    $("list").classList.add("waiting");
    try {
      const others = await Page.engine.alternatives(
        { caption: Page.result().request.caption, ...settings, codes: picture.codes, place });
      if (isLast()) {
        showOthers(others, picture.codes[place]);
        if (isAsked) {
          Page.speak(`${Page.place(place)}: likeliest is code ${others[0].code}, ${Page.percent(others[0].probability)}.`);
        }
        isAsked = false;  // what follows a new picture or setting is not worth saying
      }
      Page.fault("insideError", null);
    } catch (error) {
      if (isLast()) Page.fault("insideError", error);
    }
    $("list").classList.remove("waiting");
  }));

  const exchange = (place, code) => {
    // On a phone the picture is far above the list.
    if ($("frame").getBoundingClientRect().bottom < 100) {
      $("stage").scrollIntoView({ behavior: Page.isCalm() ? "auto" : "smooth" });
    }
    Page.exchange(place, code);
  };

  const showOthers = (others, present) => {
    const top = Math.max(...others.map(({ probability }) => probability), 1e-9);
    const place = selected;
    const focused = [...$("list").querySelectorAll("button")].indexOf(document.activeElement);
    $("list").replaceChildren(...others.map(({ code, probability, kept, rgba }) => {
      const isPresent = code === present;
      const canvas = make("canvas");
      Page.paint(canvas, rgba);
      const note = isPresent ? "here" : kept ? "" : "cut off";
      const button = make("button", {
        type: "button", className: `other${isPresent ? " present" : ""}${kept ? "" : " cut"}`,
        "aria-label": `Code ${code}, ${Page.percent(probability)}${note && `, ${note}`}${isPresent ? "" : ": put it here and draw on"}`,
        title: isPresent ? "This one stands here." : "Put it here and draw on",
        onclick: () => exchange(place, code),
      },
      make("span", { className: "patch" }, canvas),
      make("span", { className: "code" }, String(code), make("small", {}, note)),
      make("span", { className: "bar" }, make("i", { style: `width:${(100 * probability / top).toFixed(1)}%` })),
      make("span", { className: "share" }, Page.percent(probability)));
      if (isPresent) button.setAttribute("aria-current", "true");
      return make("li", {}, button);
    }));
    const isCut = others.some(({ kept }) => !kept);
    $("othersNote").textContent = !others.length ? ""
      : "Click one to put it there and draw on."
        + (isCut ? " “Cut off”: the settings rule it out." : "")
        + (others.some(({ code }) => code === present) ? "" : ` Code ${present}, which stands here, is not among these ten.`);
    if (focused >= 0) $("list").querySelectorAll("button")[focused]?.focus();
  };

  // MARK: - Tabs

  const tab = (toSight) => {
    isSight = toSight;
    document.body.classList.toggle("sighted", isSight);
    for (const [button, panel, isOn] of [["tabOthers", "others", !toSight], ["tabSight", "sight", toSight]]) {
      $(button).setAttribute("aria-selected", isOn);
      $(button).tabIndex = isOn ? 0 : -1;
      $(panel).hidden = !isOn;
    }
    render();
    loadOthers();
  };

  Page.buildInside = () => {
    buildOverlay();
    selected = cursor = Math.floor(grid().rows / 3) * grid().columns + grid().columns / 2;
    const touch = $("touch");
    touch.addEventListener("pointermove", (event) => point(placeOf(event)));
    touch.addEventListener("pointerleave", () => point(document.activeElement === touch && touch.matches(":focus-visible") ? cursor : null));
    touch.addEventListener("click", (event) => {
      open(placeOf(event));
      if (event.pointerType === "touch") point(null);
    });
    touch.addEventListener("focus", () => { if (touch.matches(":focus-visible")) point(cursor); });
    touch.addEventListener("blur", () => point(null));
    touch.addEventListener("keydown", onKey);
    $("tabOthers").onclick = () => tab(false);
    $("tabSight").onclick = () => tab(true);
    Page.rove(document.querySelector(".tabs"), "button", 1, (button) => button.click());
    Page.on("begin", () => {
      touch.hidden = true;
      hovered = null;
      $("inside").classList.add("busy");
      render();
    });
    Page.on("picture", () => {
      touch.hidden = !Page.picture();
      $("inside").classList.remove("busy");
      render();
      loadOthers();
    });
    Page.on("settings", Page.calmly(150, () => { if (Page.engine) loadOthers(); }));
    render();
  };
})();
