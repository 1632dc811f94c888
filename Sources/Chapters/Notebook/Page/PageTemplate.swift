/// The structure and style of a page, as a pandoc template.
enum PageTemplate {
  static let html = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>$pagetitle$</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <a class="skip" href="#content">Skip to the text</a>
    <header>
    <nav aria-label="Contents">$if(contents)$<a href="$contents$">The book</a>$endif$
    $if(toc)$<details><summary>On this page</summary>
    $toc$
    </details>$endif$</nav>
    </header>
    <main id="content">
    $body$
    </main>
    </body>
    </html>
    """

  // Colours have a contrast of 4.5 or more with their background, in the light and the dark scheme.
  private static let style = """
    :root {
      --page: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --code: #f6f8fa;
      --link: #0550ae; --keyword: #a8201a; --type: #6639ba; --text: #0a3069; --number: #0550ae;
      --comment: #59636e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171c; --ink: #e3e8ee; --soft: #9aa4af; --line: #353c46; --code: #1d2229;
        --link: #79b8ff; --keyword: #ff8a80; --type: #d2a8ff; --text: #a5d6ff; --number: #79c0ff;
        --comment: #9aa4af;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
    @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
    body {
      margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 50rem;
      background: var(--page); color: var(--ink);
      font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
      overflow-wrap: break-word;
    }
    h1, h2, h3 { line-height: 1.25; margin: 2.2em 0 0.6em; scroll-margin-top: 1rem; }
    h1 { font-size: 2rem; margin-top: 1rem; }
    h2 { font-size: 1.4rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25em; }
    h3 { font-size: 1.1rem; }
    a { color: var(--link); text-underline-offset: 0.15em; }
    a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -100rem; background: var(--page); padding: 0.5rem 1rem; }
    .skip:focus { left: 1rem; z-index: 1; }
    header { color: var(--soft); }
    summary { cursor: pointer; }
    header ul { padding-left: 1.4rem; }
    code, pre { font: 0.875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
    p code, li code, td code { background: var(--code); border-radius: 4px; padding: 0.1em 0.3em; }
    pre {
      background: var(--code); border-radius: 6px; padding: 0.8rem 1rem; overflow-x: auto;
      margin: 1rem 0;
    }
    pre.output {
      background: none; border-left: 4px solid var(--line); border-radius: 0;
      padding: 0.2rem 0 0.2rem 1rem; margin-top: -0.4rem;
    }
    .file {
      margin: 1rem 0 -0.8rem; color: var(--soft); text-align: right;
      font: 0.75rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
    }
    pre code a { display: none; }
    .kw, .cf, .im { color: var(--keyword); } .dt, .bu { color: var(--type); }
    .st, .ch, .vs { color: var(--text); } .dv, .fl, .bn, .cn { color: var(--number); }
    .co, .do { color: var(--comment); }
    figure { margin: 1.8rem 0; text-align: center; }
    img { max-width: 100%; height: auto; border-radius: 6px; }
    figure img { background: #ffffff; }
    @media (max-width: 40rem) {
      figure { overflow-x: auto; }
      img[src^="data:image/svg"] { max-width: none; width: 38rem; }
    }
    figcaption { color: var(--soft); font-size: 0.95rem; }
    figcaption p { margin: 0.5em 0 0; }
    table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1.2rem 0; }
    th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.8rem; text-align: left; }
    math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math; }
    math[display="block"] { display: block; overflow-x: auto; overflow-y: hidden; margin: 1rem 0; }
    blockquote {
      margin: 1rem 0; padding-left: 1rem; border-left: 4px solid var(--line); color: var(--soft);
    }
    blockquote:has(math) { color: inherit; overflow-x: auto; border-left-color: var(--link); }
    .live { border: 1px solid var(--line); border-radius: 6px; padding: 0.8rem 1rem; margin: 1.2rem 0; }
    .live-controls { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; align-items: center; }
    .live p { margin: 0.4rem 0 0; color: var(--soft); font-size: 0.95rem; }
    .live-bar { display: inline-block; height: 0.8em; background: var(--link); }
    .live button, .live select, .live input:is([type="text"], [type="number"]) {
      font: inherit; color: inherit; background: var(--code); border: 1px solid var(--line);
      border-radius: 6px; padding: 0.1rem 0.6rem;
    }
    .live :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    @media print { .skip, .live, header { display: none; } pre { white-space: pre-wrap; } }
    """
}
