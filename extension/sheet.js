// @ts-check
// What stands over a page: a frame of the extension's own origin, whose inside no page can read, search, style or press. A page sees that
// something stands there, and it is the same thing, in the same place and of the same size, whatever the Authenticator holds.

/** @param {string} token by which the frame finds its request, good once @param {string} style @returns {HTMLIFrameElement} */
function frameOf(token, style) {
  const frame = document.createElement('iframe');
  frame.src = chrome.runtime.getURL('frame.html') + '#' + token;
  frame.setAttribute('title', chrome.i18n.getMessage('name'));
  // Its background is seen through only where its scheme is the page's: none.
  frame.style.cssText = 'all: initial !important; display: block !important; visibility: visible !important; pointer-events: auto !important; border: 0 !important;'
    + 'background: transparent !important; color-scheme: light !important;' + style;
  return frame;
}

/**
 * Puts something over a document, in the top layer.
 * @param {Document} where @param {HTMLElement} content @param {() => void} removed Is told when the page takes it away.
 * @returns {{host: HTMLElement, close(): void}}
 */
function mount(where, content, removed) {
  const host = where.createElement('div');
  host.style.cssText = 'all: initial !important; display: contents !important;';
  const root = host.attachShadow({ mode: 'closed' });
  root.append(content);
  where.documentElement.append(host);
  const watch = new MutationObserver(() => {
    if (host.isConnected) return;
    watch.disconnect();
    removed();
  });
  watch.observe(where, { childList: true, subtree: true });
  return { host, close() { watch.disconnect(); host.remove(); } };
}

/**
 * The question over the whole page.
 * @param {string} token @param {() => void} removed @returns {{close(): void}}
 */
function mountQuestion(token, removed) {
  const where = roomiest();
  const frame = frameOf(token, 'position: fixed !important; inset: 0 !important; width: 100% !important; height: 100% !important;');
  const dialog = where.createElement('dialog');
  dialog.setAttribute('aria-label', chrome.i18n.getMessage('name'));
  dialog.style.cssText = 'all: initial !important; position: fixed !important; inset: 0 !important; width: 100vw !important; height: 100vh !important;'
    + 'max-width: none !important; max-height: none !important; overflow: hidden !important; visibility: visible !important; pointer-events: auto !important;';
  // Escape is the frame's, which knows what it means; before the frame is there it is a no.
  dialog.addEventListener('cancel', event => { event.preventDefault(); removed(); });
  dialog.append(frame);
  const mounted = mount(where, dialog, removed);
  dialog.showModal();
  frame.focus();
  frame.addEventListener('load', () => frame.focus(), { once: true });
  return mounted;
}

/** @returns {Document} The top-most document this frame shares its origin with all the way up: there a dialog has room. */
function roomiest() {
  let room = document;
  try {
    for (let frame = /** @type {Window} */ (window); frame !== frame.parent; room = frame.document) frame = frame.parent;
  } catch { /* another origin */ }
  return room;
}
