// What has been drawn, and drawing. A chain of results: the first is what was asked for, each later
// one follows from a change of one token.
"use strict";

(() => {
  const { $ } = Page;

  // A result: {request, pictures: [{candidate, score, codes, rgba}], chosen, change, time}
  // A change: {place, from, to}
  const chain = [];
  let at = -1, run = 0, isDrawing = false, isStopping = false, running = Promise.resolve();

  Page.chain = chain;
  Page.at = () => at;
  Page.isDrawing = () => isDrawing;

  /** The result that is shown; undefined if there is none. */
  Page.result = () => chain[at];

  /** The picture that is shown; undefined if there is none. */
  Page.picture = () => chain[at]?.pictures[chain[at].chosen];

  const errors = ["captionError", "stageError", "startError", "insideError"];

  /**
   * Draws. `given` are the first codes, `change` the token that was exchanged if one was; `fault` is
   * the element for errors.
   */
  Page.draw = async ({ caption, seed, given = [], candidates, change = null, fault = "captionError" }) => {
    const mine = ++run;
    const isLast = () => mine === run;
    const wasDrawing = isDrawing;
    isDrawing = true;
    isStopping = false;
    for (const id of errors) Page.fault(id, null);
    if (wasDrawing) Page.engine.cancel();
    await running;
    if (!isLast()) return;
    running = work({ caption, seed, given, ...Page.settings(), ...(candidates && { candidates }) },
      change, fault, isLast);
    await running;
  };

  const work = async (request, change, fault, isLast) => {
    let result = null, isStopped = false;
    try {
      Page.tell("begin", { request, change });
      Page.say("Drawing.");
      const { error } = await Page.engine.read(request.caption);
      if (error) throw new Error(error);
      if (!isLast()) return;
      const start = performance.now();
      const elapsed = () => performance.now() - start;
      const answer = isStopping ? { cancelled: true } : await Page.engine.draw(request, (frame) => {
        if (isLast()) Page.tell("frame", { ...frame, time: elapsed() });
      });
      isStopped = answer.cancelled;
      if (!isStopped) {
        result = { request, pictures: answer.pictures, chosen: 0, change, time: elapsed() };
      }
      if (!isLast()) return;
    } catch (error) {
      if (isLast()) {
        Page.say("");
        Page.fault(fault, error);
      }
    }
    if (!isLast()) return;
    isDrawing = false;
    if (result) {
      chain.length = change ? at + 1 : 0;
      at = chain.push(result) - 1;
      Page.writeLink(request);
      Page.say(summary(result));
    }
    if (isStopped) Page.say("Stopped.");
    Page.tell("end", { result, isStopped });
    Page.tell("picture");
  };

  const summary = ({ pictures, change, time }) => {
    const score = Page.score(pictures[0].score);
    return change
      ? `Drawn on from the token at ${Page.place(change.place)}: score ${score}.`
      : `Drawn: ${Page.pictures(pictures.length)} in ${Page.seconds(time)}, `
        + `${pictures.length > 1 ? "best score" : "score"} ${score}.`;
  };

  /** Stops drawing. */
  Page.stop = () => {
    if (!isDrawing) return;
    isStopping = true;  // in case it has not begun
    Page.engine.cancel();
  };

  /** Shows another candidate. */
  Page.choose = (index) => {
    const result = Page.result();
    if (!result || isDrawing) return;
    result.chosen = index;
    Page.say(`Picture ${index + 1} of ${result.pictures.length}, score ${Page.score(result.pictures[index].score)}.`);
    Page.tell("picture");
  };

  /** Shows another result of the chain. */
  Page.go = (index) => {
    if (isDrawing || !chain[index]) return;
    at = index;
    Page.writeLink(chain[at].request);
    Page.say(at === 0 ? "The original." : `After change ${at}.`);
    Page.tell("picture");
  };

  /** Forgets all changes. */
  Page.leave = () => {
    if (isDrawing) return;
    chain.length = 1;
    Page.go(0);
  };

  /** Puts another code in place of a token of the shown picture, and draws on from there. */
  Page.exchange = (place, code) => {
    const { request } = Page.result(), { codes } = Page.picture();
    if (codes[place] === code) return;
    return Page.draw({
      caption: request.caption, seed: request.seed, candidates: 1, fault: "insideError",
      given: [...codes.slice(0, place), code], change: { place, from: codes[place], to: code },
    });
  };

  // MARK: - For tests

  Page.state = () => {
    const result = Page.result();
    return {
      caption: $("caption").value,
      seed: Page.seed(),
      drawing: isDrawing,
      tokens: Page.tokens,
      pictures: (result?.pictures ?? []).map(({ candidate, score, codes }) => ({ candidate, score, codes: [...codes] })),
      chosen: result?.chosen ?? -1,
      message: Page.message,
    };
  };
})();
