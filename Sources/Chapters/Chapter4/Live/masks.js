// Which tokens one of the picture may look at: the rules of AttentionPattern.allows, under the pointer.
const side = 16, cell = 20, words = 21;
const kinds = {
  full: ["all before it", () => true],
  row: ["the 16 before it", (back) => back <= side],
  column: ["those above it", (back, right) => right === 0],
  window: ["a window of 7 × 7 places", (back) => {
    const rise = Math.min(3, Math.floor((back + 3) / side));
    return Math.abs(back - side * rise) <= 3;
  }],
};
let kind = "row", query = 7 * side + 9;

root.innerHTML = `
  <div class="live-controls" role="radiogroup" aria-label="Pattern">${Object.keys(kinds).map((name) =>
    `<label><input type="radio" name="live-masks" value="${name}"${name === kind ? " checked" : ""}> ${name}</label>`).join("")}</div>
  <svg viewBox="0 0 ${side * cell} ${side * cell}" tabindex="0" role="img" style="width:20rem;max-width:100%;touch-action:none"></svg>
  <p aria-live="polite"></p>`;
const svg = root.querySelector("svg"), text = root.querySelector("p");

function show() {
  const [meaning, sees] = kinds[kind];
  let squares = "", seen = 0;
  for (let key = 0; key < side * side; key++) {
    const isSeen = key <= query && sees(query - key, query % side - key % side);
    seen += isSeen;
    const fill = key === query ? "var(--keyword)" : isSeen ? "var(--link)" : key < query ? "var(--line)" : "var(--code)";
    squares += `<rect x="${key % side * cell + 1}" y="${Math.floor(key / side) * cell + 1}" width="${cell - 2}" height="${cell - 2}" rx="2" fill="${fill}"/>`;
  }
  svg.innerHTML = squares;
  text.textContent = `Row ${Math.floor(query / side)}, column ${query % side}: ${meaning}, and itself. It sees ${seen} `
    + `of the ${query + 1} image tokens up to here, and all ${words} of the caption.`;
  svg.setAttribute("aria-label", text.textContent);
}

root.querySelectorAll("input").forEach((input) => input.onchange = () => { kind = input.value; show(); });
svg.onpointermove = svg.onpointerdown = (event) => {
  const box = svg.getBoundingClientRect();
  const place = (at, from, size) => Math.min(side - 1, Math.max(0, Math.floor((at - from) / size * side)));
  query = place(event.clientY, box.top, box.height) * side + place(event.clientX, box.left, box.width);
  show();
};
svg.onkeydown = (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side }[event.key];
  if (!step || query + step < 0 || query + step >= side * side) return;
  event.preventDefault();
  query += step;
  show();
};
show();
