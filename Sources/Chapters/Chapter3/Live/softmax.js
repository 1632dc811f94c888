// Gumbel noise on six logits: the relaxed choice at a temperature, and how often each code wins.
const logits = [2, 1.5, 1, 0, -0.5, -1];
const softmax = (values) => {
  const top = Math.max(...values), weights = values.map((x) => Math.exp(x - top));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / sum);
};
const gumbel = () => -Math.log(-Math.log(Math.random() || 1e-12));
const share = softmax(logits);
let noise = logits.map(gumbel), wins = logits.map(() => 0), draws = 0;

root.innerHTML = `
  <div class="live-controls">
    <label>temperature τ <input type="range" min="-4" max="2" step="0.1" value="0" aria-label="temperature, a power of two"> <output></output></label>
    <button type="button">New noise</button> <button type="button">1,000 draws</button>
  </div>
  <table><thead><tr><th>code</th><th>logit</th><th>+ noise</th><th>relaxed choice</th><th></th><th>wins</th><th>softmax</th></tr></thead><tbody></tbody></table>
  <p aria-live="polite"></p>`;
const slider = root.querySelector("input"), value = root.querySelector("output");
const [again, many] = root.querySelectorAll("button");

const winner = (values) => values.indexOf(Math.max(...values));
const draw = () => {
  noise = logits.map(gumbel);
  wins[winner(logits.map((x, i) => x + noise[i]))]++;
  draws++;
};

function show() {
  const tau = 2 ** slider.value, noisy = logits.map((x, i) => x + noise[i]);
  const relaxed = softmax(noisy.map((x) => x / tau)), best = winner(noisy);
  value.textContent = tau.toFixed(2);
  root.querySelector("tbody").innerHTML = logits.map((x, i) => `<tr><td>${i}</td><td>${x.toFixed(1)}</td>
    <td>${noisy[i].toFixed(2)}</td><td><span class="live-bar" style="width:${(6 * relaxed[i]).toFixed(2)}rem"></span></td>
    <td>${relaxed[i].toFixed(3)}${i === best ? " ←" : ""}</td>
    <td>${draws ? `${(100 * wins[i] / draws).toFixed(1)} %` : "–"}</td><td>${(100 * share[i]).toFixed(1)} %</td></tr>`).join("");
  root.querySelector("p").textContent = draws
    ? `After ${draws.toLocaleString("en")} draws each code has won about as often as the softmax of the logits says: that is the Gumbel-max trick. The temperature changes how sharp a relaxed choice is, and never who wins.`
    : "The arrow marks the largest sum, the code that is drawn. Lower the temperature: the relaxed choice becomes that one code.";
}

slider.oninput = show;
again.onclick = () => { draw(); show(); };
many.onclick = () => { for (let i = 0; i < 1000; i++) draw(); show(); };
show();
