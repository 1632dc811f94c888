// A number, bit by bit, in the formats of this chapter: rounded to the nearest, ties to even.
const formats = [["f32", 8, 23], ["1-5-10 (f16)", 5, 10], ["bf16", 8, 7], ["1-6-9", 6, 9]];

/// Sign, exponent and fraction of x in a format, and the number they stand for.
function encode(x, exponentBits, fractionBits) {
  const bias = 2 ** (exponentBits - 1) - 1, least = 1 - bias, sign = x < 0 || Object.is(x, -0) ? 1 : 0;
  const size = Math.abs(x), most = (2 - 2 ** -fractionBits) * 2 ** bias;
  const round = (y) => {
    const below = Math.floor(y), rest = y - below;
    return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
  };
  let exponent = size ? Math.max(Math.floor(Math.log2(size)), least) : least;
  if (size && size / 2 ** exponent >= 2) exponent++;
  if (size && size / 2 ** exponent < 1 && exponent > least) exponent--;
  let units = round(size / 2 ** (exponent - fractionBits));
  if (units === 2 ** (fractionBits + 1)) { units /= 2; exponent++; }
  const near = units * 2 ** (exponent - fractionBits);
  if (near > most || !Number.isFinite(size)) {
    return { sign, exponent: 2 ** exponentBits - 1, fraction: 0, number: sign ? -Infinity : Infinity, kind: "too large" };
  }
  const isNormal = units >= 2 ** fractionBits;
  return {
    sign, exponent: isNormal ? exponent + bias : 0, fraction: units % 2 ** fractionBits,
    number: sign ? -near : near, kind: isNormal || !size ? "" : near ? "subnormal" : "too small",
  };
}

root.innerHTML = `
  <div class="live-controls"><label>a number <input type="text" value="0.1" size="14" inputmode="decimal" spellcheck="false"></label>
  ${["0.1", "1e-6", "70000", "3e-8", "1/3"].map((x) => `<button type="button">${x}</button>`).join(" ")}</div>
  <table><thead><tr><th>format</th><th>sign, exponent, fraction</th><th>stands for</th><th>error</th></tr></thead><tbody></tbody></table>
  <p aria-live="polite"></p>`;
const input = root.querySelector("input"), text = root.querySelector("p");
const bits = (value, count) => value.toString(2).padStart(count, "0");

function show() {
  const parts = input.value.trim().split("/").map((part) => Number(part || "x"));
  const x = parts.length === 1 ? parts[0] : parts.length === 2 ? parts[0] / parts[1] : NaN;
  text.textContent = Number.isNaN(x) ? "Type a number, such as 0.1, 1e-6 or 1/3." : "Bits are coloured: sign, exponent, fraction. A subnormal number has fewer bits of fraction; below the least one, gradients vanish.";
  root.querySelector("tbody").innerHTML = Number.isNaN(x) ? "" : formats.map(([name, e, f]) => {
    const { sign, exponent, fraction, number, kind } = encode(x, e, f);
    const error = x && Number.isFinite(number) ? `${(100 * Math.abs(number - x) / Math.abs(x)).toPrecision(2)} %` : "–";
    return `<tr><td style="white-space:nowrap">${name}</td><td style="font-family:ui-monospace,Menlo,Consolas,monospace;font-size:0.76em;white-space:nowrap"><span style="color:var(--keyword)">${sign}</span> `
      + `<span style="color:var(--link)">${bits(exponent, e)}</span> ${bits(fraction, f)}</td>`
      + `<td>${Number.isFinite(number) ? Number(number.toPrecision(9)) : number > 0 ? "∞" : "-∞"}${kind ? ` (${kind})` : ""}</td><td style="white-space:nowrap">${error}</td></tr>`;
  }).join("");
}

input.oninput = show;
root.querySelectorAll("button").forEach((button) => button.onclick = () => { input.value = button.textContent; show(); });
show();
