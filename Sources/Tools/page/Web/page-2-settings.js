// Seed and settings, their controls, and the link: caption, seed and settings in location.hash.
"use strict";

(() => {
  const { $, make } = Page;

  // `off` is the value at which a setting does nothing; `key` its name in links.
  const all = [
    { name: "temperature", key: "t", label: "Temperature", min: 0, max: 2, step: 0.05, usual: 0.7, plain: 1,
      text: "Below 1 likely tokens get likelier still; at 0 the likeliest always wins." },
    { name: "topP", key: "p", label: "Top-p", min: 0.05, max: 1, step: 0.05, usual: 0.95, plain: 1, off: 1,
      text: "Draws from the fewest tokens that together have this probability." },
    { name: "topK", key: "k", label: "Top-k", min: 0, max: 256, step: 1, usual: 0, plain: 0, off: 0,
      text: "Draws from this many of the likeliest tokens." },
    { name: "guidance", key: "g", label: "Guidance", min: 0, max: 5, step: 0.25, usual: 2, plain: 1, off: 1,
      text: "How much the caption counts: 1 as trained, 0 not at all." },
    { name: "candidates", key: "n", label: "Candidates", min: 1, max: 6, step: 1, usual: 6,
      text: "How many pictures are drawn; the reranker puts the best first." },
  ];

  const values = Object.fromEntries(all.map((setting) => [setting.name, setting.usual]));
  const controls = {};

  /** A copy of the settings. */
  Page.settings = () => ({ ...values });

  Page.seed = () => {
    const seed = Math.floor(Number($("seed").value));
    return Number.isFinite(seed) ? Math.min(Math.max(seed, 0), 4294967295) : 1;
  };

  Page.buildSettings = () => {
    for (const setting of all) {
      const id = `setting-${setting.name}`;
      const output = make("output", { for: id });
      const input = make("input", {
        id, type: "range", min: setting.min, max: setting.max, step: setting.step,
        "aria-describedby": `${id}-text`,
        oninput: () => set(setting, Number(input.value)),
      });
      controls[setting.name] = { input, output };
      $("settings").append(make("div", { className: "setting" },
        make("div", { className: "line" }, make("label", { for: id }, setting.label), output),
        input, make("p", { id: `${id}-text`, className: "soft" }, setting.text)));
      show(setting);
    }
    $("settings").append(make("div", { className: "setting presets" },
      make("button", { type: "button", onclick: () => preset("usual", "The usual settings.") },
        "Usual settings"),
      make("button", { type: "button",
        onclick: () => preset("plain", "The model as it is: temperature 1, no filter, no guidance.") },
      "The model as it is"),
      make("p", { className: "soft" }, "Temperature 1, no filter, no guidance, as in the paper.")));
  };

  const set = (setting, value, quietly) => {
    values[setting.name] = value;
    show(setting);
    if (!quietly) Page.tell("settings");
  };

  const preset = (which, message) => {
    for (const setting of all) if (setting[which] !== undefined) set(setting, setting[which], true);
    Page.tell("settings");
    Page.say(message);
  };

  const show = (setting) => {
    const { input, output } = controls[setting.name] ?? {};
    if (!input) return;
    const value = values[setting.name];
    const text = String(Number(value.toFixed(2)));
    const off = value === setting.off;
    input.value = value;
    output.textContent = off ? (setting.name === "guidance" ? "1, off" : "off") : text;
    input.setAttribute("aria-valuetext", output.textContent);
  };

  // MARK: - The link

  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  /** Codes as text, two letters each. */
  const pack = (codes) =>
    Array.from(codes, (code) => alphabet[code >> 6] + alphabet[code & 63]).join("");

  /** The codes of a text; those up to the first that is none. */
  const unpack = (text) => {
    const codes = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const code = alphabet.indexOf(text[i]) * 64 + alphabet.indexOf(text[i + 1]);
      if (code < 0 || code >= Page.engine.configuration.codes) break;
      codes.push(code);
    }
    return codes.slice(0, Page.engine.configuration.rows * Page.engine.configuration.columns);
  };

  let written = "";

  /** Writes what is drawn into the address. */
  Page.writeLink = ({ caption, seed, given, ...settings }) => {
    const link = new URLSearchParams({ caption, seed });
    for (const { name, key, usual } of all) {
      if (settings[name] !== usual) link.set(key, Number(settings[name].toFixed(2)));
    }
    if (given?.length) link.set("from", pack(given));
    written = `#${link}`;
    try {
      history.replaceState(null, "", written);
    } catch {
      location.replace(written);  // Browsers that let files have no history of their own.
    }
  };

  /** What the address asks for, put into the controls; nil if it asks for nothing. */
  Page.readLink = () => {
    const link = new URLSearchParams(location.hash.slice(1));
    const caption = link.get("caption");
    if (caption === null) return null;
    for (const setting of all) {
      const text = link.get(setting.key);
      const number = text ? Number(text) : setting.usual;
      const value = Number.isFinite(number) ? number : setting.usual;
      const whole = setting.step === 1 ? Math.round(value) : value;
      set(setting, Math.min(Math.max(whole, setting.min), setting.max), true);
    }
    $("seed").value = link.get("seed") || 1;
    $("seed").value = Page.seed();
    Page.tell("settings");
    return { caption: caption.replace(/\s+/g, " ").slice(0, 500), given: unpack(link.get("from") ?? "") };
  };

  /** Calls `work` when the reader, not this page, changes the address. */
  Page.onLink = (work) => addEventListener("hashchange", () => {
    if (location.hash !== written && location.hash.includes("caption=")) work();
  });
})();
