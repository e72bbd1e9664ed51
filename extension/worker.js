// @ts-check
// Stands between the frames and the Authenticator. A frame opens one port for each request; who the frame is, the browser says (`sender`).
// A port that closes (the page went, or gave up) ends its request.

import { Authenticator, GONE } from './native.js';

/** How long the Authenticator may take to note what a page tells, in milliseconds. */
const SIGNAL = 3_000;

/** A page that aborts hears its own reason at once; this is for a person who closes the window. */
const CANCELLED = { name: 'NotAllowedError', message: 'The request was cancelled.' };

/** @type {Set<{postMessage(message: any): void}>} The ports of requests that wait in a field. */
const waiting = new Set();

const authenticator = new Authenticator(() => { for (const port of waiting) port.postMessage({ type: 'changed' }); }, () => waiting.size > 0);

chrome.runtime.onConnect.addListener((/** @type {any} */ port) => {
  if (port.sender?.id !== chrome.runtime.id) return port.disconnect();
  const frame = new Frame(port);
  port.onMessage.addListener((/** @type {any} */ message) => frame.take(message));
  port.onDisconnect.addListener(() => { void chrome.runtime.lastError; frame.leave(); });
});

class Frame {
  /** @type {any} What is asked, kept from the question to the answer. */ #request = null;
  /** The ID of the request the person is busy with. */ #asked = 0;
  #hasLeft = false;

  /** @param {any} port */
  constructor(port) { this.port = port; }

  /** @param {any} message from the relay */
  async take(message) {
    switch (message.type) {
      case 'hello':
        return this.#say({ reachable: await authenticator.hello() !== null });
      case 'signal': {
        const caller = callerOf(this.port.sender, message.ancestors);
        if (caller && await authenticator.hello()) await authenticator.ask({ type: 'signal', caller, method: message.method, options: message.options }, SIGNAL).answer;
        return this.#say({});
      }
      case 'begin':
        return this.#begin(message);
      case 'run':
        return this.#run(message.credentialId);
      case 'stop':
        if (this.#asked) authenticator.tell('cancel', this.#asked);
    }
  }

  /** The page is gone, or has given up. */
  leave() {
    this.#hasLeft = true;
    waiting.delete(this.port);
    if (this.#asked) authenticator.tell('cancel', this.#asked);
    this.#asked = 0;
  }

  /** @param {any} message */
  async #begin({ kind, isConditional, ancestors, allowed, options }) {
    const caller = callerOf(this.port.sender, ancestors);
    const known = caller && await authenticator.hello();
    if (!known || this.#hasLeft) return this.#say({ type: 'begun', takesPart: false });
    this.#request = { kind, caller: { ...caller, allowed }, options };
    if (isConditional) waiting.add(this.port);
    if (known.asksItself && !isConditional) return this.#say({ type: 'begun', takesPart: true, isAskedElsewhere: true });
    const { ok } = await authenticator.offers(this.#request);
    this.#say({ type: 'begun', takesPart: ok?.offers === true, accounts: ok?.accounts ?? [], isLocked: ok?.locked === true });
  }

  /** @param {string} [credentialId] */
  async #run(credentialId) {
    if (!this.#request || this.#asked || this.#hasLeft) return;
    const { kind, ...request } = this.#request;
    // Between question and answer the connection may have been closed for idleness.
    if (!await authenticator.hello()) return this.#say({ type: 'answer', error: GONE.error });
    if (this.#hasLeft) return;
    /** @type {Promise<() => void> | null} */
    let close = null;
    const { id, answer } = authenticator.ask({ type: kind, ...request, ...credentialId ? { credentialId } : {} }, 0,
      address => { close ??= showWindow(address, () => authenticator.tell('cancel', id)); });
    this.#asked = id;
    const { ok, error } = await answer;
    this.#asked = 0;
    /** @type {Promise<() => void> | null} */ (close)?.then(close => close());
    if (kind === 'create' && ok?.credential) {
      // A page gets no passkey that is not kept, and none is kept for a page that is gone.
      if (this.#hasLeft) return authenticator.tell('undelivered', id);
      if (!await authenticator.delivered(id)) return this.#say({ type: 'answer', error: GONE.error });
    }

    this.#say({ type: 'answer', isPassedBack: ok?.offers === false, credential: ok?.credential, error: error?.name === 'AbortError' ? CANCELLED : error });
  }

  /** @param {any} message */
  #say(message) {
    if (!this.#hasLeft) this.port.postMessage(message);
  }
}

/**
 * Shows the Authenticator's window, where the PIN is asked for. Only an address on this machine is one.
 * @param {string | undefined} address @param {() => void} closed The person closed it.
 * @returns {Promise<() => void>} Closes it.
 */
async function showWindow(address, closed) {
  if (!address?.startsWith('http://127.0.0.1:')) return () => {};
  const { id } = await chrome.windows.create({ url: address, type: 'popup', focused: true, width: 460, height: 760 });
  const onRemoved = (/** @type {number} */ removed) => {
    if (removed !== id) return;
    chrome.windows.onRemoved.removeListener(onRemoved);
    closed();
  };
  chrome.windows.onRemoved.addListener(onRemoved);
  return () => {
    if (!chrome.windows.onRemoved.hasListener(onRemoved)) return;
    chrome.windows.onRemoved.removeListener(onRemoved);
    chrome.windows.remove(id);
  };
}

/**
 * Who asks, as the browser says it. The origins above the frame come from the relay's own world, which a page cannot reach.
 * @param {any} sender @param {string[] | null} ancestors from the parent up to the top; null where the browser does not say
 * @returns {{origin: string, crossOrigin: boolean, topOrigin?: string} | null} null for pages that have no passkeys.
 */
function callerOf(sender, ancestors) {
  const origin = sender.origin ?? new URL(sender.url).origin;
  if (!ancestors || !/^(https:\/\/|http:\/\/([^/:]+\.)?localhost(:\d+)?$)/.test(origin)) return null;
  return ancestors.every(above => above === origin) ? { origin, crossOrigin: false } : { origin, crossOrigin: true, topOrigin: ancestors[ancestors.length - 1] };
}
