// Opens the engine, puts the parts together and draws the first picture.
"use strict";

(() => {
  const { $ } = Page;

  const submit = (event) => {
    event.preventDefault();
    if (!Page.engine) return;
    if (Page.isDrawing()) return Page.stop();
    drawCaption();
  };

  // Enter draws anew even while a picture is drawn; the button stops it.
  const onEnter = (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    if (Page.engine) drawCaption();
  };

  /** Draws what stands in the fields. */
  const drawCaption = (given = []) => {
    Page.mainField.close();
    $("seed").value = Page.seed();
    if (!Page.mainField.value) {
      Page.fault("captionError", "Type a caption first.");
      return $("caption").focus();
    }
    Page.draw({ caption: Page.mainField.value, seed: Page.seed(), given });
  };

  const drawExample = (text) => {
    Page.mainField.value = text;
    if (Page.engine) drawCaption();
  };

  const drawLink = () => {
    const link = Page.readLink();
    if (!link) {
      Page.mainField.refresh();
      return drawCaption();
    }
    Page.mainField.value = link.caption;
    drawCaption(link.given);
  };

  const open = async () => {
    $("seed").value = 1;
    $("form").onsubmit = submit;
    // Without going to #stage: the address keeps the caption.
    document.querySelector(".skip").onclick = (event) => {
      event.preventDefault();
      $("stage").focus();
    };
    $("startForm").onsubmit = (event) => event.preventDefault();
    Page.buildSettings();
    Page.mainField = Page.captionField(
      { field: "captionField", input: "caption", hint: "captionHint", error: "captionError", showsTokens: true });
    $("seed").addEventListener("keydown", onEnter);
    $("caption").addEventListener("keydown", onEnter);  // after the field’s own, which may take the key
    $("caption").value = new URLSearchParams(location.hash.slice(1)).get("caption") ?? Page.firstExample;
    Page.buildExamples(drawExample);
    const weight = Object.values(window.dalleData ?? {}).reduce((sum, { length = 0 }) => sum + length, 0) / 1e6;
    if (weight > 1) $("weight").textContent = Math.round(weight);
    try {
      if (typeof Engine === "undefined") throw new Error("The engine is missing from this file");
      Page.engine = await Engine.open(window.dalleData, (text, share) => {
        $("loadingText").textContent = text;
        $("loadingBar").value = share;
      });
    } catch (error) {
      $("loading").hidden = true;
      document.body.className = "failed";
      Page.fault("stageError", error);
      throw error;
    }
    $("loading").hidden = true;
    document.body.className = "";
    Page.side = Page.engine.configuration.size;  // pixels of a picture's side
    for (const id of ["big", "sheet", "kept"]) $(id).width = $(id).height = Page.side;
    Page.buildWords(Page.mainField);
    Page.buildStage();
    Page.buildInside();
    Page.buildAttention();
    Page.buildStart();
    $("draw").disabled = $("newSeed").disabled = false;
    $("newSeed").onclick = () => {
      $("seed").value = Math.floor(Math.random() * 10000);
      drawCaption();
    };
    Page.onLink(drawLink);
    drawLink();
    window.playground.engine = Page.engine;
  };

  window.playground = { engine: null, state: Page.state };
  window.playground.ready = open();
  window.playground.ready.catch(() => {});  // The page has said it.
})();
