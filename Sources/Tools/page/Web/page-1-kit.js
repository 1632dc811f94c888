// What all parts of the page use. Each file page-*.js adds one part to `Page`; the last starts it.
"use strict";

const Page = {};

(() => {
  /** The element with an id. */
  Page.$ = (id) => document.getElementById(id);

  /** A new element: `make("button", {type: "button", onclick: f}, "text", child, …)`. */
  Page.make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
      else if (key === "style") element.style.cssText = value;
      else element[key] = value;
    }
    element.append(...children);
    return element;
  };

  // MARK: - News: parts tell what happened, others listen

  const listeners = {};
  Page.on = (name, listener) => (listeners[name] ??= []).push(listener);
  Page.tell = (name, value) => { for (const listener of listeners[name] ?? []) listener(value); };

  // MARK: - Messages

  /** The last message, as `playground.state()` reports it. */
  Page.message = "";

  /** Says a sentence to screen readers. */
  Page.say = (text) => { Page.message = text; Page.$("status").textContent = text; };

  /** Says where the keyboard is; unlike `say`, not worth keeping. */
  Page.speak = (text) => { Page.$("spoken").textContent = text; };

  /** Shows an error in the element with an id; without an error, hides it. */
  Page.fault = (id, error) => {
    const place = Page.$(id);
    const text = error ? sentence(error.message ?? String(error)) : "";
    place.hidden = !text;
    if (place.textContent !== text) place.textContent = text;
    if (text) Page.message = text;
  };

  const sentence = (text) => {
    const trimmed = text.trim();
    if (!trimmed) return "Something went wrong.";
    const start = trimmed[0].toUpperCase() + trimmed.slice(1);
    return /[.!?…”]$/.test(start) ? start : start + ".";
  };

  // MARK: - Time

  /** Calls `work` once things have been quiet for some milliseconds. */
  Page.calmly = (milliseconds, work) => {
    let timer;
    return (...values) => {
      clearTimeout(timer);
      timer = setTimeout(() => work(...values), milliseconds);
    };
  };

  /** Runs `work`, one call at a time; of the calls that come meanwhile only the last is made. */
  Page.latest = (work) => {
    let busy = false, next = null;
    return async (...values) => {
      next = values;
      if (busy) return;
      busy = true;
      try {
        while (next) {
          const now = next;
          next = null;
          await work(...now, () => next === null);
        }
      } finally {
        busy = false;
      }
    };
  };

  Page.isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // MARK: - Pictures

  /** Puts pixels into a canvas of the same size. */
  Page.paint = (canvas, rgba) => {
    const side = Math.round(Math.sqrt(rgba.length / 4));
    if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
    const pixels = rgba instanceof Uint8ClampedArray ? rgba : new Uint8ClampedArray(rgba);
    canvas.getContext("2d").putImageData(new ImageData(pixels, side, side), 0, 0);
  };

  /** Clears all cells of a picture from the given number of tokens on. */
  Page.clearFrom = (canvas, tokens) => {
    const { rows, columns, size } = Page.engine.configuration;
    const side = size / rows, context = canvas.getContext("2d");
    const row = Math.floor(tokens / columns), column = tokens % columns;
    context.clearRect(column * side, row * side, size, side);
    context.clearRect(0, (row + 1) * side, size, size);
  };

  // MARK: - Words

  Page.number = (n) => ["no", "one", "two", "three", "four", "five", "six"][n] ?? String(n);
  Page.pictures = (n) => `${Page.number(n)} picture${n === 1 ? "" : "s"}`;
  Page.seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  Page.score = (score) => Number.isFinite(score) ? score.toFixed(3) : "";
  Page.percent = (share) => {
    const percent = 100 * share;
    if (percent >= 9.95) return `${Math.round(percent)} %`;
    return percent >= 0.05 ? `${percent.toFixed(1)} %` : percent > 0 ? "< 0.1 %" : "0 %";
  };
  Page.place = (place) => {
    const { columns } = Page.engine.configuration;
    return `row ${Math.floor(place / columns) + 1}, column ${place % columns + 1}`;
  };

  // MARK: - Groups of which one is chosen

  /**
   * Lets arrow keys move the focus within a group of buttons, of which one is in the tab order.
   * `columns` is the width of a grid; `choose` is called where moving chooses.
   */
  Page.rove = (group, selector, columns, choose) => {
    group.addEventListener("keydown", (event) => {
      const buttons = [...group.querySelectorAll(selector)];
      const from = buttons.indexOf(document.activeElement);
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (from < 0 || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const to = buttons[(from + step + buttons.length) % buttons.length];
      for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
      to.focus();
      choose?.(to);
    });
  };
})();
