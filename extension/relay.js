// @ts-check
// In a world of its own beside the page. A page can send over its port whatever it likes: it is asked for no more than the passkeys it could ask
// for anyway, who it is comes from the browser, and nothing but the answer to its own requests goes back. Accounts stay on this side.

/** How long a request may take, whatever the page says (WebAuthn §5.1.3: between 5 and 10 minutes), in milliseconds. */
const SHORTEST = 300_000, LONGEST = 600_000;

/** What a page may say at once, in characters; our own script says less. */
const MOST = 256 * 1024;

/** @typedef {{name: string, message: string, advice?: string}} Failure */

/** @type {(type: 'create' | 'get') => boolean} Whether this frame may ask at all; a no is left to the browser, which says it in its own words. */
const isAllowed = kind => {
  const ancestors = ancestorsOf();
  const policy = /** @type {any} */ (document).permissionsPolicy ?? /** @type {any} */ (document).featurePolicy;
  const isNested = !ancestors || ancestors.some(origin => origin !== self.origin);
  if (!policy) return !isNested;
  if (!policy.allowsFeature(`publickey-credentials-${kind}`)) return false;
  // WebAuthn §5.1.3: a frame of another origin makes no passkey without being touched.
  return kind === 'get' || !isNested || navigator.userActivation.isActive;
};

/** @returns {string[] | null} The origins from the parent to the top; null where the browser does not say. */
function ancestorsOf() {
  if (location.ancestorOrigins) return [...location.ancestorOrigins];
  return window === window.top ? [] : null;
}

/** @param {any} options @returns {boolean} Whether the page asks for something that is not on this device. */
const isForAnother = options => options?.authenticatorSelection?.authenticatorAttachment === 'cross-platform'
  || options?.hints?.[0] === 'security-key' || options?.hints?.[0] === 'hybrid';

/** @param {unknown} milliseconds */
const timeLeft = milliseconds => Math.min(LONGEST, Math.max(SHORTEST, typeof milliseconds === 'number' ? milliseconds : SHORTEST));

/** @returns {any} A port to the worker; null when the extension is gone or was replaced while the page stayed. */
function connect() {
  try { return chrome.runtime.connect(); } catch { return null; }
}

/** Whether a request of this page is under way: as in the browser itself, one at a time. */
let isBusy = false;

/**
 * One request that waits for its answer, from the question to the end.
 * @param {any} message from the page @param {(answer: {credential?: any, error?: Failure}) => void} reply With neither: the browser's.
 * @returns {() => void} Ends it.
 */
function serveModal({ type: kind, options }, reply) {
  if (isBusy) {
    queueMicrotask(() => reply({ error: { name: 'OperationError', message: 'A request is already pending.' } }));
    return () => {};
  }

  isBusy = true;
  const worker = isAllowed(kind) && !isForAnother(options) ? connect() : null;
  /** @type {ReturnType<typeof mountQuestion> | null} */
  let question = null;
  let isOver = false, hasBegun = false;
  const timer = setTimeout(() => end({ error: { name: 'NotAllowedError', message: 'The time was up.' } }), timeLeft(options?.timeout));

  /** @param {{credential?: any, error?: Failure} | null} answer null when the page wants none any more */
  function end(answer) {
    if (isOver) return;
    isOver = true;
    isBusy = false;
    clearTimeout(timer);
    question?.close();
    if (answer) reply(answer);
    worker?.disconnect();
  }

  const refused = () => end({ error: { name: 'NotAllowedError', message: 'The request was not allowed, or cancelled.' } });

  if (!worker) {
    queueMicrotask(() => end({}));
  } else {
    worker.onDisconnect.addListener(() => hasBegun ? refused() : end({}));
    worker.onMessage.addListener((/** @type {any} */ message) => {
      if (isOver) return;
      if (message.type === 'answer') return end(answerOf(message));
      if (message.type !== 'begun') return;
      if (!message.takesPart) return end({});
      hasBegun = true;
      if (message.sheet) question = mountQuestion(message.sheet, refused);
    });
    worker.postMessage({ type: 'begin', kind, ancestors: ancestorsOf(), allowed: true, options });
  }

  return () => end(null);
}

/** @param {any} message @returns {{credential?: any, error?: Failure}} What a page hears: what to do next is for the person alone. */
const answerOf = ({ isPassedBack, credential, error }) =>
  isPassedBack ? {} : credential ? { credential } : { error: { name: error.name, message: error.message } };

/**
 * A request that waits in a field, while the browser's own waits too. Nobody is asked anything before a person acts in the field. Only a
 * credential is ever answered: everything else leaves the field as it is.
 * @param {any} message @param {(answer: {credential: any}) => void} reply @returns {() => void} Ends it.
 */
function serveConditional({ options }, reply) {
  if (!isAllowed('get') || isForAnother(options)) return () => {};
  /** @type {any} */ let worker = null;
  /** @type {ReturnType<typeof mountQuestion> | null} */ let question = null;
  const list = listAtField(begin, () => { if (!question) stop(); });

  function stop() {
    const was = worker;
    worker = null;
    was?.disconnect();
    question?.close();
    question = null;
    list.hide();
  }

  function begin() {
    if (question || isGone()) return;
    const mine = worker = connect();
    if (!mine) return list.hide();
    mine.onDisconnect.addListener(() => { if (mine === worker) stop(); });
    mine.onMessage.addListener((/** @type {any} */ message) => {
      if (mine !== worker) return;
      if (message.type === 'begun' && message.takesPart) list.show(message.sheet);
      else if (message.type === 'leave') list.leave();
      else if (message.type === 'chosen') {
        question = mountQuestion(message.sheet, stop);
        list.hide();
      } else if (message.type === 'answer' && message.credential) {
        reply({ credential: message.credential });
        end();
      } else {
        list.leave();
        stop();
      }
    });
    mine.postMessage({ type: 'begin', kind: 'get', isConditional: true, ancestors: ancestorsOf(), allowed: true, options });
  }

  function end() {
    stop();
    list.close();
  }

  return end;
}

/** @returns {boolean} Whether the extension was turned off, or replaced while the page stayed. */
const isGone = () => !chrome.runtime?.id;

/** @param {object} message @param {(answer: any) => void} [reply] Asked once, answered once. */
function ask(message, reply) {
  const worker = connect();
  let isOver = false;
  const end = (/** @type {any} */ answer) => {
    if (isOver) return;
    isOver = true;
    reply?.(answer);
    worker?.disconnect();
  };
  if (!worker) return end({});
  worker.onMessage.addListener(end);
  worker.onDisconnect.addListener(() => end({}));
  worker.postMessage(message);
}

/** @param {MessagePort} page */
function serve(page) {
  /** @type {Map<number, () => void>} What ends each request. */
  const open = new Map();
  /** @param {MessageEvent} event */
  function take(event) {
    const message = readMessage(event.data);
    if (!message) return;
    const reply = (/** @type {any} */ answer) => {
      open.delete(message.id);
      page.postMessage(JSON.stringify({ ...answer, id: message.id }));
    };
    switch (message.type) {
      case 'create':
      case 'get':
        open.set(message.id, message.conditional === true && message.type === 'get' ? serveConditional(message, reply) : serveModal(message, reply));
        break;
      case 'abort':
        open.get(message.id)?.();
        open.delete(message.id);
        break;
      case 'hello':
        ask({ type: 'hello' }, reply);
        break;
      case 'signal':
        ask({ type: 'signal', ancestors: ancestorsOf(), method: message.method, options: message.options });
    }
  }

  // A page that nobody has gone to yet asks nobody anything.
  if (/** @type {any} */ (document).prerendering) document.addEventListener('prerenderingchange', () => { page.onmessage = take; }, { once: true });
  else page.onmessage = take;
}

/** @param {unknown} text @returns {any} */
function readMessage(text) {
  try {
    const message = typeof text === 'string' && text.length <= MOST ? JSON.parse(text) : null;
    return typeof message?.id === 'number' ? message : null;
  } catch {
    return null;
  }
}

if (isSecureContext) {
  document.addEventListener('latchkey-port', event => {
    event.stopImmediatePropagation();
    event.preventDefault();
    serve(/** @type {MessageEvent} */ (event).ports[0]);
  }, { once: true, capture: true });
  document.dispatchEvent(new Event('latchkey-relay'));
}
