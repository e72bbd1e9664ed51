// @ts-check
// What stands over a page: in a closed shadow root, in the top layer, out of reach of the page's styles and scripts.
//
// A page can still cover it, move it, or talk a person into pressing it, and gains nothing: every button here only lets the Authenticator ask,
// in its own window, which names the site and wants the PIN. Nothing is typed here.

const LOOK = `
  :host { all: initial; }
  * { box-sizing: border-box; margin: 0; padding: 0; font: inherit; }
  dialog, .list {
    color-scheme: light dark;
    --sheet: light-dark(#ffffff, #1d2026); --line: light-dark(#e0e4ea, #343942); --edge: light-dark(#818a99, #79828f);
    --ink: light-dark(#1a1d23, #eceef2); --quiet: light-dark(#555d6b, #a9b1be); --raised: light-dark(#f3f5f8, #262a32);
    --accent: light-dark(#3451c6, #9db2ff); --accent-strong: light-dark(#2a43a8, #b6c6ff); --on-accent: light-dark(#ffffff, #10142a);
    font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
    color: var(--ink); background: var(--sheet); text-align: start; letter-spacing: normal;
  }
  dialog { width: min(26rem, calc(100vw - 2rem)); margin: auto; padding: 1.75rem; border: 1px solid var(--line); border-radius: 20px; box-shadow: 0 24px 64px -16px rgb(10 15 40 / .45); }
  dialog::backdrop { background: rgb(15 18 30 / .45); }
  .brand { display: flex; align-items: center; gap: .55rem; color: var(--quiet); font-size: .9rem; margin-bottom: .9rem; }
  svg { width: 1.35rem; height: 1.35rem; flex: none; }
  svg rect { fill: #3b5bdb; }
  svg g { fill: none; stroke: #fff; stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
  h1 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
  .lead { margin-top: .5rem; color: var(--quiet); overflow-wrap: anywhere; }
  .actions { display: grid; gap: .6rem; margin-top: 1.4rem; }
  button { cursor: pointer; border: 1px solid var(--edge); border-radius: 10px; padding: .65rem 1rem; min-height: 44px; background: transparent; color: var(--ink); font-weight: 560; }
  button:hover { background: var(--raised); }
  button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
  button.first:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
  button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  h1:focus { outline: none; }
  .bar { height: 4px; margin-top: 1.3rem; border-radius: 2px; overflow: hidden; background: var(--line); }
  .bar::after { content: ""; display: block; width: 35%; height: 100%; border-radius: 2px; background: var(--accent); animation: run 1.6s ease-in-out infinite alternate; }
  @keyframes run { from { transform: translateX(0); } to { transform: translateX(186%); } }
  @media (prefers-reduced-motion: reduce) { .bar::after { animation: none; width: 100%; } }
  .list { position: fixed; inset: auto; padding: .4rem; border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 16px 40px -12px rgb(10 15 40 / .35); min-width: 18rem; overflow: hidden auto; max-height: 40vh; }
  .list .title { padding: .3rem .6rem; color: var(--quiet); font-size: .8rem; }
  .list button { display: flex; width: 100%; align-items: center; gap: .7rem; text-align: start; border: 0; padding: .5rem .6rem; }
  .list button:focus-visible { outline-offset: -3px; background: var(--raised); }
  .list .names { min-width: 0; }
  .list .names span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .list .second { color: var(--quiet); font-size: .85rem; font-weight: 400; }
  .heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

/** @param {string} name @param {...string} values @returns {string} */
const say = (name, ...values) => chrome.i18n.getMessage(name, values);

/** @param {unknown} text from a page or a passkey: nobody's text reverses ours or fills the screen. @returns {string} */
const tame = text => {
  const plain = String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return plain.length > 64 ? plain.slice(0, 63) + '…' : plain;
};

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, string>} [attributes] @param {...(Node | string)} content */
function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** @returns {SVGElement} The product's own mark. */
function mark() {
  /** @param {string} tag @param {Record<string, string>} attributes @param {...Node} content */
  const svg = (tag, attributes, ...content) => {
    const made = /** @type {SVGElement} */ (document.createElementNS('http://www.w3.org/2000/svg', tag));
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...content);
    return made;
  };
  return svg('svg', { viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    svg('rect', { width: '32', height: '32', rx: '9' }),
    svg('g', {}, svg('circle', { cx: '12', cy: '13', r: '4.6' }), svg('path', { d: 'm15.4 16.3 8.1 8.1M20.4 21.3l2.6-2.6' })));
}

/**
 * Puts something over a document.
 * @param {Document} where @param {HTMLElement[]} content @param {() => void} removed Is told when the page takes it away.
 * @returns {{host: HTMLElement, close(): void}}
 */
function mount(where, content, removed) {
  const host = where.createElement('div');
  host.style.cssText = 'all: initial !important; display: contents !important;';
  const root = host.attachShadow({ mode: 'closed' });
  const look = new /** @type {any} */ (where.defaultView).CSSStyleSheet();
  look.replaceSync(LOOK);
  root.adoptedStyleSheets = [look];
  root.append(...content);
  where.documentElement.append(host);
  const watch = new MutationObserver(() => {
    if (host.isConnected) return;
    watch.disconnect();
    removed();
  });
  watch.observe(where, { childList: true, subtree: true });
  return { host, close() { watch.disconnect(); host.remove(); } };
}

/** @returns {Document} The top-most document this frame shares its origin with all the way up: there a dialog has room. */
function roomiest() {
  let room = document;
  try {
    for (let frame = /** @type {Window} */ (window); frame !== frame.parent; room = frame.document) frame = frame.parent;
  } catch { /* another origin */ }
  return room;
}
