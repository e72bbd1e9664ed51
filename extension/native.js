// @ts-check
// The connection to the Authenticator, through the native host. Opened when a page first asks, closed when nobody does.

const NAME = 'org.latchkey.authenticator';

/** How long the Authenticator may take to start, and how long to answer what needs no person, in milliseconds. */
const START = 10_000, ANSWER = 3_000;

/** After an end that kept a page waiting nobody is kept waiting again for so long. */
const REST = 60_000;

/** How long an end may take without counting as one that kept a page waiting. */
const PROMPT = 500;

/** Nobody asks: the connection is kept for so long. */
const IDLE = 20_000;

/** How long a passkey may take to be written to disk once its page waits for it. */
const KEEP = 10_000;

/** @typedef {{ok?: any, error?: {name: string, message: string, advice?: string}}} Answer */

/** There is nobody to answer: not installed, not started, gone, or silent. */
export const GONE = Object.freeze({ error: Object.freeze({ name: 'NotAllowedError', message: 'The Authenticator is not there any more.', advice: chrome.i18n.getMessage('gone') }), isGone: true });

export class Authenticator {
  /** @type {any} */ #port = null;
  /** @type {Promise<any> | null} */ #hello = null;
  /** @type {Map<number, (answer: Answer) => void>} */ #open = new Map();
  /** @type {Map<number, (isKept: boolean) => void>} */ #kept = new Map();
  /** @type {Map<number, (window: string | undefined) => void>} */ #asking = new Map();
  /** @type {any} */ #idle;
  #last = 0;
  #restUntil = 0;

  /**
   * @param {() => void} changed Is told when what the Authenticator has to offer may have changed.
   * @param {() => boolean} isAwaited Whether somebody waits for such news.
   */
  constructor(changed, isAwaited) {
    this.changed = changed;
    this.isAwaited = isAwaited;
  }

  /** @returns {Promise<{asksItself: boolean} | null>} What the Authenticator says of itself; null when it cannot be reached in time. */
  async hello() {
    if (!this.#port && Date.now() < this.#restUntil) return null;
    this.#hello ??= this.#connect();
    return this.#hello;
  }

  /**
   * @param {object} message
   * @param {number} [patience] Milliseconds; without it, as long as the person takes.
   * @param {(window: string | undefined) => void} [asking] Is told when the person is asked, and by which address the Authenticator's window opens.
   * @returns {{id: number, answer: Promise<Answer>}}
   */
  ask(message, patience = 0, asking = undefined) {
    const id = ++this.#last;
    /** @type {Promise<Answer>} */
    const answer = new Promise(resolve => {
      if (!this.#port) return resolve(GONE);
      const timer = patience ? setTimeout(() => this.#settle(id, GONE), patience) : undefined;
      this.#open.set(id, answer => { clearTimeout(timer); resolve(answer); });
      if (asking) this.#asking.set(id, asking);
      this.#post({ ...message, id });
      this.#busy();
    });
    return { id, answer };
  }

  /** @param {object} message */
  offers(message) { return this.ask({ type: 'offers', ...message }, ANSWER).answer; }

  /** @param {'cancel' | 'undelivered'} type @param {number} id */
  tell(type, id) { this.#post({ type, id }); }

  /** The page waits for its new passkey. @param {number} id @returns {Promise<boolean>} Whether it is on disk to stay. */
  delivered(id) {
    return new Promise(resolve => {
      const settle = (/** @type {boolean} */ isKept) => { clearTimeout(timer); this.#kept.delete(id); resolve(isKept); };
      const timer = setTimeout(() => settle(false), KEEP);
      this.#kept.set(id, settle);
      if (this.#port) this.#post({ type: 'delivered', id });
      else settle(false);
    });
  }

  async #connect() {
    const began = Date.now();
    const port = this.#port = chrome.runtime.connectNative(NAME);
    port.onMessage.addListener((/** @type {any} */ message) => this.#take(port, message));
    port.onDisconnect.addListener(() => { void chrome.runtime.lastError; this.#lose(port); });
    const { answer } = this.ask({ type: 'hello', protocol: 1, browser: browser(), extension: chrome.runtime.getManifest().version }, START);
    const { ok } = await answer;
    if (ok?.protocol === 1) return { asksItself: ok.asksItself === true };
    // What starts slowly may still come: it is not cut off, but a page does not wait for it twice.
    if (Date.now() - began > PROMPT) this.#restUntil = Date.now() + REST;
    this.#lose(port);
    return null;
  }

  /** @param {any} port @param {any} message */
  #take(port, message) {
    if (port !== this.#port) return;
    if (message?.type === 'unavailable') this.#lose(port);
    else if (message?.type === 'changed') this.changed();
    else if (message?.type === 'asking') this.#asking.get(message.id)?.(message.window);
    else if (message?.type === 'kept') this.#kept.get(message.id)?.(true);
    else if (message?.ok || message?.error) this.#settle(message.id, message);
  }

  /** @param {number} id @param {Answer} answer */
  #settle(id, answer) {
    const settle = this.#open.get(id);
    this.#open.delete(id);
    this.#asking.delete(id);
    settle?.(answer);
    this.#busy();
  }

  #busy() {
    clearTimeout(this.#idle);
    if (this.#open.size === 0 && this.#port) this.#idle = setTimeout(() => this.isAwaited() ? this.#busy() : this.#lose(this.#port), IDLE);
  }

  /** @param {any} port */
  #lose(port) {
    if (port !== this.#port) return;
    this.#port = this.#hello = null;
    clearTimeout(this.#idle);
    port.disconnect();
    for (const id of [...this.#open.keys()]) this.#settle(id, GONE);
    for (const settle of [...this.#kept.values()]) settle(false);
  }

  /** @param {object} message */
  #post(message) {
    try { this.#port?.postMessage(message); } catch { /* it ended a moment ago: its own event follows */ }
  }
}

/** @returns {string} Such as "Chromium". */
function browser() {
  const brands = /** @type {{brand: string}[]} */ (/** @type {any} */ (navigator).userAgentData?.brands ?? []).map(({ brand }) => brand);
  // Chromium says its own name, that of the product made of it, and one that means nothing.
  return brands.find(brand => brand !== 'Chromium' && !/not.*a.*brand/i.test(brand)) ?? (brands.includes('Chromium') ? 'Chromium' : 'Firefox');
}
