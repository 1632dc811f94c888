// A caption field: completes words, says which words are not known, and shows the tokens.
"use strict";

(() => {
  const { $, make } = Page;

  const examples = [
    "a yellow star above a blue house at night",
    "an orange cat wearing a green hat at sunset",
    "a big red boat on the beach",
    "a green penguin with a red bow in the snow",
    "a purple tree to the left of a pink flower",
    "a small white ghost in the top left",
  ];
  Page.firstExample = examples[0];

  /** Chips that draw an example when clicked. */
  Page.buildExamples = (draw) => {
    for (const text of examples) {
      $("examples").append(make("button", { type: "button", onclick: () => draw(text) }, text));
    }
  };

  /** Chips of all known words, added to the caption when clicked. */
  Page.buildWords = (caption) => {
    for (const word of [...Page.engine.words].sort()) {
      $("words").append(make("button", { type: "button", onclick: () => caption.append(word) }, word));
    }
  };

  // The word before the caret, where there is no letter behind it.
  const wordAtCaret = (input) => {
    const caret = input.selectionStart;
    if (caret === null || caret !== input.selectionEnd) return null;
    if (/^[\p{L}\p{N}]/u.test(input.value.slice(caret))) return null;
    const word = input.value.slice(0, caret).match(/[\p{L}\p{N}]+$/u)?.[0];
    return word ? { word: word.toLowerCase(), from: caret - word.length, to: caret } : null;
  };

  /** Gives the field with the ids its behaviour; `hint` shows tokens too if `showsTokens`. */
  Page.captionField = ({ field, input: id, hint, error, showsTokens }) => {
    const input = $(id);
    const list = make("ul", { id: `${id}List`, role: "listbox", className: "menu", hidden: true, "aria-label": "Known words" });
    $(field).append(list);
    for (const [key, value] of Object.entries(
      { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
      input.setAttribute(key, value);
    }
    let chosen = -1, fitting = [];

    // MARK: Completion

    const close = () => {
      if (!list.hidden) changed();
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const complete = () => {
      const at = wordAtCaret(input);
      fitting = at && Page.engine
        ? Page.engine.words.filter((word) => word.startsWith(at.word) && word !== at.word).slice(0, 6) : [];
      if (!fitting.length) return close();
      chosen = -1;
      list.replaceChildren(...fitting.map((word, i) => make("li", {
        id: `${list.id}${i}`, role: "option", "aria-selected": "false",
        onpointerdown: (event) => { event.preventDefault(); accept(word); },
      }, make("b", {}, word.slice(0, at.word.length)), word.slice(at.word.length))));
      list.style.left = `min(${at.from}ch, 60%)`;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
    };

    const accept = (word) => {
      const at = wordAtCaret(input);
      if (!at) return close();
      const rest = input.value.slice(at.to);
      input.setRangeText(rest.startsWith(" ") ? word : `${word} `, at.from, at.to, "end");
      close();
      changed();
    };

    const mark = (step) => {
      chosen = (chosen + step + fitting.length + (chosen < 0 && step < 0 ? 1 : 0)) % fitting.length;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === chosen));
      input.setAttribute("aria-activedescendant", `${list.id}${chosen}`);
    };

    input.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const isChosen = chosen >= 0;
      if (event.key === "ArrowDown") mark(1);
      else if (event.key === "ArrowUp") mark(-1);
      else if (event.key === "Escape") close();
      else if (isChosen && (event.key === "Enter" || event.key === "Tab")) accept(fitting[chosen]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);

    // MARK: Tokens and unknown words

    const replace = (word, by) => {
      const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "iu");
      input.value = input.value.replace(pattern, () => by);
      input.focus();
      changed();
    };

    const isBeingTyped = (word) => {
      if (document.activeElement !== input || list.hidden) return false;
      return wordAtCaret(input)?.word === word.toLowerCase();
    };

    const show = (answer) => {
      const { tokens, notice } = answer;
      const unknown = answer.unknown.filter(({ word }) => !isBeingTyped(word)).slice(0, 4);
      const parts = unknown.map(({ word, nearest }) => make("p", { className: "unknown" },
        make("span", {}, "The model has never read ", make("mark", {}, word.length > 30 ? `${word.slice(0, 29)}…` : word), nearest.length ? ". Near are" : "."),
        ...nearest.map((near) => make("button", { type: "button", onclick: () => replace(word, near) }, near))));
      if (showsTokens && tokens.length) {
        const unseen = unknown.map(({ word }) => word.toLowerCase());
        parts.unshift(make("div", { className: "pieces" },
          make("span", { className: "soft" }, `${tokens.length} token${tokens.length === 1 ? "" : "s"}`),
          ...Page.pieces(tokens, unseen)));
      }
      if (notice) parts.push(make("p", { className: "unknown" }, notice));
      $(hint).replaceChildren(...parts);
    };

    const read = Page.latest(async (text, isLast) => {
      if (!Page.engine) return;
      try {
        const answer = text.trim() ? await Page.engine.read(text) : { tokens: [], unknown: [], error: null };
        if (!isLast() || text !== input.value) return;
        show(answer);
        Page.fault(error, answer.error);
      } catch (problem) {
        Page.fault(error, problem);
      }
    });
    const readCalmly = Page.calmly(150, () => read(input.value));
    const changed = () => readCalmly();

    input.addEventListener("input", () => { complete(); changed(); });

    return {
      input,
      close,
      get value() { return input.value.trim(); },
      set value(text) { input.value = text; close(); read(text); },
      refresh: () => read(input.value),
      append: (word) => {
        input.value = `${input.value.trimEnd()} ${word}`.trimStart();
        Page.speak(input.value);
        changed();
      },
    };
  };

  /** Pieces for tokens, joined where they make up one word; those of a word of `unseen` are marked. */
  Page.pieces = (tokens, unseen = []) => {
    const words = [];  // letters of each word
    const wordOf = tokens.map((token, i) => {
      if (i === 0 || /^\s/.test(token)) words.push("");
      words[words.length - 1] += token.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
      return words.length - 1;
    });
    return tokens.map((token, i) => {
      const piece = make("span", { className: "piece" }, token.trim() || "␣");
      piece.classList.toggle("joined", i > 0 && wordOf[i] === wordOf[i - 1]);
      piece.classList.toggle("unseenWord", unseen.includes(words[wordOf[i]]));
      return piece;
    });
  };
})();
