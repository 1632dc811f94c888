/// What live figures with models share: they load the program and the models that `make page` puts
/// beside the pages of the book, when a reader asks for it.
enum LiveKit {
  /// The beginning of a call by which a live figure asks for models.
  static let call = "withModels("

  /// The script that defines `withModels`, `sentence` and `paint`.
  static let script = """
    <script>
    // Shows a button in `root`; when it is pressed, loads models and calls `body` with their engine.
    function withModels(root, names, body) {
      root.innerHTML = `<div class="live-controls"><button type="button">Start</button>
        <span role="status">A live figure, which loads ${names.length > 1 ? "the models" : "a model"} first.</span></div>`;
      const [button, note] = [root.querySelector("button"), root.querySelector("span")];
      button.onclick = async () => {
        button.disabled = true;
        try {
          for (const name of ["engine", ...names]) await withModels.load(name);
          const engine = await Engine.open(dalleData, (text) => { note.textContent = `${text} …`; }, names);
          root.replaceChildren();
          await body(engine);
          root.dataset.state = "started";
          root.querySelector("button, input, select")?.focus();
        } catch (error) {
          root.querySelector("button")?.remove();
          root.append(Object.assign(document.createElement("p"), { role: "alert", textContent: sentence(error) }));
        }
      };
    }
    withModels.load = (name) => withModels[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `live/${name}.js`;
      script.onload = resolve;
      script.onerror = () => reject(new Error("This figure needs models that `make page` puts into the folder `live` beside this page."));
      document.head.append(script);
    });
    // An error of the engine as a sentence: with a capital letter and a full stop.
    const sentence = ({ message }) => message[0].toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
    // Puts pixels into a canvas of their size.
    function paint(canvas, rgba) {
      canvas.width = canvas.height = Math.sqrt(rgba.length / 4);
      canvas.getContext("2d").putImageData(new ImageData(rgba, canvas.width), 0, 0);
    }
    </script>
    """
}
