// @ts-check
// Stands between the frames and the Authenticator. A frame opens one port for each request; who the frame is, the browser says (`sender`).
// A port that closes (the page went, or gave up) ends its request.

import { Authenticator, GONE } from './native.js';
import { admitSheet, expectSheet, isAnyOpen, isSheet } from './sheets.js';

/** How long the Authenticator may take to note what a page tells, in milliseconds. */
const SIGNAL = 3_000;

/** How long a frame may take until it is there, in milliseconds. */
const SHOWN = 10_000;

/** A page that aborts hears its own reason at once; this is for a person who says no, or closes the window. */
const CANCELLED = { name: 'NotAllowedError', message: 'The request was not allowed, or cancelled.' };

const authenticator = new Authenticator(isAnyOpen);

chrome.runtime.onConnect.addListener((/** @type {any} */ port) => {
  if (port.sender?.id !== chrome.runtime.id) return port.disconnect();
  if (isSheet(port)) return admitSheet(port);
  const request = new Request(port);
  port.onMessage.addListener((/** @type {any} */ message) => request.take(message));
  port.onDisconnect.addListener(() => { void chrome.runtime.lastError; request.leave(); });
});

/** What a frame asks. A page hears the end of it; what happens until then, and what the Authenticator holds, is for the sheet alone. */
class Request {
  /** @type {any} What is asked, kept from the question to the answer. */ #request = null;
  /** The ID of the request the person is busy with. */ #asked = 0;
  /** @type {any} The port of the frame that stands over the page. */ #sheet = null;
  /** @type {any} What the sheet shows. */ #shown = null;
  /** @type {any} An error that waits until the person has read what to do. */ #failure = null;
  #isConditional = false;
  #hasBegun = false;
  #hasSheet = false;
  #isOver = false;
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
        if (!this.#request) return this.#begin(message);
    }
  }

  /** The page is gone, or has given up. */
  leave() {
    this.#hasLeft = true;
    this.#sheet?.disconnect();
    if (this.#asked) authenticator.tell('cancel', this.#asked);
    this.#asked = 0;
  }

  /** @param {any} message */
  async #begin({ kind, isConditional, ancestors, allowed, options }) {
    const caller = callerOf(this.port.sender, ancestors);
    this.#request = { kind, caller: { ...caller, allowed }, options };
    this.#isConditional = isConditional === true;
    const known = caller && await authenticator.hello();
    if (!known || this.#hasLeft) return this.#say({ type: 'begun', takesPart: false });
    if (known.asksItself && !isConditional) {
      this.#say({ type: 'begun', takesPart: true });
      return this.#run();
    }

    // What a page sees from here on is decided before the Authenticator looks at what it holds.
    const { ok } = await authenticator.judge(this.#request);
    this.#say({ type: 'begun', takesPart: ok?.offers === true, sheet: ok?.offers === true ? this.#expect(() => this.#offer()) : undefined });
  }

  /** @param {() => void} opened @returns {string} the token of a sheet that tells how this request stands */
  #expect(opened) {
    this.#hasSheet = true;
    // Where a page can't show it, the browser has its own way.
    const timer = setTimeout(() => this.#end({ isPassedBack: true }), SHOWN);
    this.port.onDisconnect.addListener(() => clearTimeout(timer));
    return expectSheet(this.port, sheet => {
      clearTimeout(timer);
      this.#sheet = sheet;
      sheet.onMessage.addListener((/** @type {any} */ message) => { if (sheet === this.#sheet) this.#pressed(message); });
      sheet.onDisconnect.addListener(() => {
        void chrome.runtime.lastError;
        // The page took it away.
        if (sheet === this.#sheet) this.#end({ error: CANCELLED });
      });
      opened();
    });
  }

  async #offer() {
    // Only a person opens a list; a question stands there before anybody has acted.
    const { ok } = await authenticator.hello() ? await authenticator.offers({ ...this.#request, acted: this.#isConditional }) : /** @type {any} */ ({});
    const { kind, caller, options } = this.#request;
    const site = new URL(caller.origin).host;
    if (this.#isConditional) this.#show({ type: 'list', accounts: ok?.accounts ?? [], isLocked: ok?.locked === true });
    else if (ok?.offers || ok?.reason === 'no_passkey') this.#show({ type: 'question', kind, site, user: options.user?.name, isNone: !ok.offers });
    else this.#end({ isPassedBack: true });
  }

  /** @param {any} message from the sheet */
  #pressed({ type, credentialId }) {
    if (type === 'go') {
      if (this.#isConditional && !this.#hasBegun) this.#say({ type: 'chosen', sheet: this.#expect(() => this.#show(this.#shown)) });
      this.#run(credentialId);
    } else if (type === 'leave') {
      this.#say({ type: 'leave' });
    } else if (type === 'anotherWay') {
      this.#end({ isPassedBack: true });
    } else if (type === 'cancel') {
      this.#end({ error: this.#failure ?? CANCELLED });
    }
    // What else comes only says that somebody is there, which keeps this worker awake.
  }

  /** @param {string} [credentialId] */
  async #run(credentialId) {
    if (!this.#request || this.#hasBegun || this.#isOver || this.#hasLeft) return;
    this.#hasBegun = true;
    if (this.#isConditional) this.#sheet = null;
    this.#show({ type: 'progress' });
    const { kind, ...request } = this.#request;
    if (!await authenticator.hello()) return this.#failed(GONE.error);
    if (this.#hasLeft) return;
    /** @type {Promise<() => void> | null} */
    let close = null;
    const { id, answer } = authenticator.ask({ type: kind, ...request, ...credentialId ? { credentialId } : {} }, 0, news => {
      this.#show({ type: news.type === 'waiting' ? 'waiting' : 'progress' });
      if (news.type === 'asking') close ??= showWindow(news.window, () => authenticator.tell('cancel', id));
    });
    this.#asked = id;
    const { ok, error } = await answer;
    this.#asked = 0;
    /** @type {Promise<() => void> | null} */ (close)?.then(close => close());
    if (kind === 'create' && ok?.credential) {
      // A page gets no passkey that is not kept, and none is kept for a page that is gone.
      if (this.#hasLeft || this.#isOver) return authenticator.tell('undelivered', id);
      if (!await authenticator.delivered(id)) return this.#failed(GONE.error);
    }

    if (error) return this.#failed(error.name === 'AbortError' ? CANCELLED : error);
    this.#end({ isPassedBack: ok?.offers === false, credential: ok?.credential });
  }

  /** @param {any} error */
  #failed(error) {
    if (!error.advice || !this.#hasSheet) return this.#end({ error });
    this.#failure = error;
    this.#show({ type: 'advice', advice: error.advice });
  }

  /** @param {any} what */
  #show(what) {
    this.#shown = what;
    if (!this.#hasLeft) this.#sheet?.postMessage(what);
  }

  /** @param {any} answer */
  #end(answer) {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#asked) authenticator.tell('cancel', this.#asked);
    this.#asked = 0;
    this.#say({ type: 'answer', ...answer });
    this.#sheet = null;
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
