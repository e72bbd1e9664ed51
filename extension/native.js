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

/** The longest message, in bytes, and the deepest: what a page asks for beyond that goes no further than here, and ends nothing but itself. */
const LONGEST = 256 * 1024, DEEPEST = 16;

/** @typedef {{ok?: any, error?: {name: string, message: string, advice?: string}}} Answer */

/** There is nobody to answer: not installed, not started, gone, or silent. */
export const GONE = Object.freeze({ error: Object.freeze({ name: 'NotAllowedError', message: 'The Authenticator is not there any more.', advice: chrome.i18n.getMessage('gone') }), isGone: true });

/** A request that is too much for the way to the Authenticator: the browser's, like all it can't answer. @type {Answer} */
const TOO_MUCH = Object.freeze({ ok: Object.freeze({ offers: false }) });

/**
 * A message as it can travel: no half characters, not too deep, not too long.
 * @param {any} message @returns {any} null where it can't.
 */
function fit(message) {
  /** @param {any} value @param {number} depth @returns {any} */
  const copied = (value, depth) => {
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST) throw new RangeError();
    if (Array.isArray(value)) return value.map(one => copied(one, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toWellFormed(), copied(one, depth + 1)]));
  };
  try {
    const fitting = copied(message, 0);
    return new TextEncoder().encode(JSON.stringify(fitting)).length <= LONGEST ? fitting : null;
  } catch {
    return null;
  }
}

export class Authenticator {
  /** @type {any} */ #port = null;
  /** @type {Promise<any> | null} */ #hello = null;
  /** @type {Map<number, (answer: Answer) => void>} */ #open = new Map();
  /** @type {Map<number, (isKept: boolean) => void>} */ #kept = new Map();
  /** @type {Map<number, (news: {type: 'asking' | 'waiting', window?: string}) => void>} */ #news = new Map();
  /** @type {any} */ #idle;
  #last = 0;
  #restUntil = 0;

  /** @param {() => boolean} isAwaited Whether a question is open, for which the connection stays. */
  constructor(isAwaited) {
    this.isAwaited = isAwaited;
  }

  /** @returns {Promise<{asksItself: boolean} | null>} What the Authenticator says of itself; null when it can't be reached in time, or has no PIN yet. */
  async hello() {
    if (!this.#port && Date.now() < this.#restUntil) return null;
    const known = await (this.#hello ??= this.#greet());
    if (!known?.isNew) return known;
    // Without a PIN it answers nobody, as if it were not there; whether it has one by now is asked again.
    this.#hello = null;
    return null;
  }

  /**
   * @param {object} message
   * @param {number} [patience] Milliseconds; without it, as long as the person takes.
   * @param {(news: {type: 'asking' | 'waiting', window?: string}) => void} [news] Is told when the person is asked, and by which address the
   *   Authenticator's window opens; and when another request is first.
   * @returns {{id: number, answer: Promise<Answer>}}
   */
  ask(message, patience = 0, news = undefined) {
    const id = ++this.#last;
    const fitting = fit({ ...message, id });
    /** @type {Promise<Answer>} */
    const answer = new Promise(resolve => {
      if (!fitting) return resolve(TOO_MUCH);
      if (!this.#port) return resolve(GONE);
      const timer = patience ? setTimeout(() => this.#settle(id, GONE), patience) : undefined;
      this.#open.set(id, answer => { clearTimeout(timer); resolve(answer); });
      if (news) this.#news.set(id, news);
      this.#post(fitting);
      this.#busy();
    });
    return { id, answer };
  }

  /** Whether a request is one for this Authenticator, whatever it holds. @param {object} message */
  judge(message) { return this.ask({ type: 'judge', ...message }, ANSWER).answer; }

  /** What it holds for the request, for the person alone. @param {object} message */
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

  async #greet() {
    const began = Date.now();
    const port = this.#port ??= this.#connect();
    const { answer } = this.ask({ type: 'hello', protocol: 1, browser: browser(), extension: chrome.runtime.getManifest().version }, START);
    const { ok } = await answer;
    if (ok?.protocol === 1) return { asksItself: ok.asksItself === true, isNew: ok.state === 'new' };
    // What starts slowly may still come: it is not cut off, but a page does not wait for it twice.
    if (Date.now() - began > PROMPT) this.#restUntil = Date.now() + REST;
    this.#lose(port);
    return null;
  }

  #connect() {
    const port = chrome.runtime.connectNative(NAME);
    port.onMessage.addListener((/** @type {any} */ message) => this.#take(port, message));
    port.onDisconnect.addListener(() => { void chrome.runtime.lastError; this.#lose(port); });
    return port;
  }

  /** @param {any} port @param {any} message */
  #take(port, message) {
    if (port !== this.#port) return;
    if (message?.type === 'unavailable') this.#lose(port);
    else if (message?.type === 'asking' || message?.type === 'waiting') this.#news.get(message.id)?.(message);
    else if (message?.type === 'kept') this.#kept.get(message.id)?.(true);
    else if (message?.ok || message?.error) this.#settle(message.id, message);
  }

  /** @param {number} id @param {Answer} answer */
  #settle(id, answer) {
    const settle = this.#open.get(id);
    this.#open.delete(id);
    this.#news.delete(id);
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
