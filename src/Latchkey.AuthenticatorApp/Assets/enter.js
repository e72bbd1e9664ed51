// @ts-check
// Lets this window in: by the ticket in its address, which is good once, or by what an earlier page of this tab got for one. Only then is
// there anything to show; else the page says how to get in.

const KEPT = 'latchkey-window';

/** @returns {Storage | null} What lasts as long as the tab; none in a frame of a browser that keeps nothing there. */
function storage() {
  try { return sessionStorage; } catch { return null; }
}

/** @param {string | null | undefined} proof @returns {Promise<string | null>} the secret, when the proof is one */
async function enter(proof) {
  if (!proof) return null;
  const answer = await fetch('/enter', { method: 'POST', body: proof, headers: { 'Content-Type': 'text/plain' }, cache: 'no-store' });
  return answer.ok ? answer.text() : null;
}

/** @param {string} secret what the circuit is opened with, at every try */
function start(secret) {
  class Circuit extends WebSocket {
    /** @param {string | URL} address */
    constructor(address) { super(address, ['latchkey-window', secret]); }
  }
  return /** @type {any} */ (globalThis).Blazor.start({
    circuit: {
      configureSignalR: (/** @type {any} */ builder) => builder.withUrl(new URL('_blazor', document.baseURI).href, { transport: 1, skipNegotiation: true, WebSocket: Circuit }),
    },
  });
}

function showWayIn() {
  document.body.className = 'card-page';
  document.body.replaceChildren(/** @type {HTMLTemplateElement} */ (document.getElementById('way-in')).content);
}

async function open() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  // It is used up by now or in a moment: neither the address bar nor the history needs it.
  if (ticket) history.replaceState(history.state, '', location.pathname + location.search);
  const kept = storage();
  const secret = await enter(ticket) ?? await enter(kept?.getItem(KEPT));
  if (!secret) return showWayIn();
  kept?.setItem(KEPT, secret);
  await start(secret);
}

/** While the Authenticator does not answer there is nothing to press; when it answers but knows this page no more, the page begins anew. */
document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', event => {
  const { state } = /** @type {CustomEvent<{state: string}>} */ (event).detail;
  if (state === 'rejected') location.reload();
  document.querySelector('.phone')?.toggleAttribute('inert', state !== 'hide');
});

open().catch(showWayIn);
// A new ticket for the page that is already here, such as in a tab that shows the way in.
addEventListener('hashchange', () => { if (location.hash.startsWith('#ticket=')) location.reload(); });
