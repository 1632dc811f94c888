// Start from a picture: a sheet to paint on or to put an image on, its tokens, and drawing on from
// its first rows.
"use strict";

(() => {
  const { $, make } = Page;
  let isOwn = false;   // whether the sheet shows something else than the big picture
  let codes = null;    // of the sheet
  let field;

  const sheet = () => $("sheet").getContext("2d", { willReadFrequently: true });

  // MARK: - What lies on the sheet

  const takeBig = () => {
    isOwn = false;
    const picture = Page.picture();
    Page.sheetTool.forget();
    if (!picture) return;
    Page.paint($("sheet"), picture.rgba);
    Page.paint($("kept"), picture.rgba);
    codes = picture.codes;
    $("drawOn").disabled = false;
    Page.fault("startError", null);
  };

  const takeBlank = () => {
    Page.sheetTool.remember();
    sheet().fillStyle = "#ffffff";
    sheet().fillRect(0, 0, Page.side, Page.side);
    changed();
  };

  /** Encodes the sheet; shows what its tokens stand for. */
  const encode = Page.latest(async (isLast) => {
    if (!isOwn) return;
    try {
      const answer = await Page.engine.encode(sheet().getImageData(0, 0, Page.side, Page.side).data);
      if (!isLast() || !isOwn) return;
      codes = answer.codes;
      Page.paint($("kept"), answer.rgba);
      $("drawOn").disabled = false;
      Page.fault("startError", null);
    } catch (error) {
      if (isLast()) Page.fault("startError", error);
    }
  });

  const changed = () => {
    isOwn = true;
    encode();
  };
  Page.sheetChanged = changed;
  Page.sheetIsOwn = () => isOwn;
  Page.sheetTakesBig = takeBig;

  // MARK: - Images

  /** Puts the middle of an image on the sheet. */
  const takeImage = async (file) => {
    Page.fault("startError", null);
    let image;
    try {
      image = await decode(file);
    } catch {
      return Page.fault("startError", `“${file.name || "This"}” is not an image that this browser can read.`);
    }
    const width = image.naturalWidth || image.width, height = image.naturalHeight || image.height;
    const crop = Math.min(width, height);
    if (!crop) return Page.fault("startError", "This image has no size.");
    Page.sheetTool.remember();
    // Halved again and again: browsers blur little when they shrink a lot.
    let from = image, x = (width - crop) / 2, y = (height - crop) / 2, length = crop;
    while (length > 2 * Page.side) {
      const next = Math.max(Math.ceil(length / 2), Page.side);
      const canvas = make("canvas", { width: next, height: next });
      smooth(canvas.getContext("2d")).drawImage(from, x, y, length, length, 0, 0, next, next);
      [from, x, y, length] = [canvas, 0, 0, next];
    }
    sheet().fillStyle = "#ffffff";
    sheet().fillRect(0, 0, Page.side, Page.side);
    smooth(sheet()).drawImage(from, x, y, length, length, 0, 0, Page.side, Page.side);
    Page.say("The image is on the sheet.");
    changed();
  };

  const smooth = (context) => Object.assign(context, { imageSmoothingEnabled: true, imageSmoothingQuality: "high" });

  // Through an element: it turns photos upright, and reads SVG, in every browser.
  const decode = async (file) => {
    const image = new Image(), address = URL.createObjectURL(file);
    image.src = address;
    try {
      await image.decode();
    } finally {
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    }
    return image;
  };

  const listenForFiles = () => {
    $("takeFile").onclick = () => $("file").click();
    $("file").onchange = () => {
      if ($("file").files[0]) takeImage($("file").files[0]);
      $("file").value = "";
    };
    const hasFile = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
    addEventListener("dragover", (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      $("sheetFrame").classList.add("dropping");
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) $("sheetFrame").classList.remove("dropping");
    });
    addEventListener("drop", (event) => {
      $("sheetFrame").classList.remove("dropping");
      if (!hasFile(event)) return;
      event.preventDefault();
      if (event.dataTransfer.files[0]) takeImage(event.dataTransfer.files[0]);
      $("start").scrollIntoView({ block: "nearest" });
    });
    addEventListener("paste", (event) => {
      const file = [...event.clipboardData?.files ?? []].find(({ type }) => type.startsWith("image/"));
      if (file) takeImage(file);
    });
  };

  // MARK: - Rows

  const rows = () => Number($("rows").value);

  const showRows = () => {
    const count = rows(), all = Page.engine.configuration.rows;
    $("rowsOut").textContent = `${count} of ${all}`;
    $("veil").style.top = `${100 * count / all}%`;
  };

  const pullRows = (event) => {
    // A finger that moves scrolls the page: of fingers only a tap counts, which is a click.
    if (event.pointerType === "touch" && event.type !== "click") return;
    if (event.type === "pointermove" && !event.buttons) return;
    const box = $("keptFrame").getBoundingClientRect();
    $("rows").value = Math.round((event.clientY - box.top) / box.height * Page.engine.configuration.rows);
    showRows();
  };

  // MARK: - Drawing on

  const drawOn = (event) => {
    event.preventDefault();
    if (!codes) return;
    field.close();
    if (!field.value) return Page.fault("startError", "Type a caption first.");
    const given = Array.from(codes).slice(0, rows() * Page.engine.configuration.columns);
    Page.mainField.value = field.value;
    $("stage").scrollIntoView({ block: "start", behavior: Page.isCalm() ? "auto" : "smooth" });
    Page.draw({ caption: field.value, seed: Page.seed(), given, fault: "startError" });
  };

  Page.buildStart = () => {
    field = Page.captionField({ field: "startField", input: "startCaption", hint: "startHint", error: "startError" });
    Page.buildSheet();
    listenForFiles();
    $("takeBig").onclick = () => takeBig();
    $("takeBlank").onclick = takeBlank;
    $("rows").max = Page.engine.configuration.rows - 1;
    $("rows").oninput = showRows;
    $("keptFrame").onpointerdown = $("keptFrame").onpointermove = $("keptFrame").onclick = pullRows;
    $("startForm").onsubmit = drawOn;
    showRows();
    Page.on("picture", () => {
      if (!isOwn && !Page.sheetTool.isPainting()) takeBig();
    });
    // The field follows the caption above until it is given one of its own.
    let isTyped = false;
    $("startCaption").addEventListener("input", () => { isTyped = true; });
    Page.on("begin", ({ request }) => {
      if (!isTyped || !field.value || field.value === request.caption) {
        field.value = request.caption;
        isTyped = false;
      }
    });
  };
})();
