// @ts-check
// In a world of its own beside the page. A page can send over its port whatever it likes: it is asked for no more than the passkeys it could ask
// for anyway, who it is comes from the browser, and nothing but the answer to its own requests goes back. Accounts stay on this side.

/** How long a request may take, whatever the page says (WebAuthn §5.1.3: between 5 and 10 minutes), in milliseconds. */
const SHORTEST = 300_000, LONGEST = 600_000;

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

/**
 * One request that waits for its answer, from the question to the end.
 * @param {any} message from the page @param {(answer: {credential?: any, error?: Failure}) => void} reply With neither: the browser's.
 * @returns {() => void} Ends it.
 */
function serveModal({ type: kind, options }, reply) {
  const worker = isAllowed(kind) && !isForAnother(options) ? connect() : null;
  /** @type {ReturnType<typeof openPrompt> | null} */
  let prompt = null;
  let isOver = false, hasBegun = false;
  /** @type {Failure | null} */ let failure = null;
  const timer = setTimeout(() => end({ error: { name: 'NotAllowedError', message: 'The time was up.' } }), timeLeft(options?.timeout));

  /** @param {{credential?: any, error?: Failure} | null} answer null when the page wants none any more */
  function end(answer) {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    prompt?.close();
    // What to do next is for the person alone: a page learns nothing of how the Authenticator stands.
    if (answer) reply(answer.error ? { error: { name: answer.error.name, message: answer.error.message } } : answer);
    worker?.disconnect();
  }

  const refused = () => end({ error: failure ?? { name: 'NotAllowedError', message: 'The request was not allowed, or cancelled.' } });

  function run() {
    hasBegun = true;
    worker.postMessage({ type: 'run' });
  }

  if (!worker) {
    queueMicrotask(() => end({}));
  } else {
    worker.onDisconnect.addListener(() => hasBegun || prompt ? refused() : end({}));
    worker.onMessage.addListener(async (/** @type {any} */ message) => {
      if (isOver) return;
      if (message.type === 'answer' && message.error?.advice && prompt) {
        // The page hears it once the person has read what to do.
        failure = message.error;
        return prompt.showAdvice(message.error.advice);
      }
      if (message.type === 'answer') return end(message.isPassedBack ? {} : message.credential ? { credential: message.credential } : { error: message.error });
      if (message.type !== 'begun') return;
      if (!message.takesPart) return end({});
      if (message.isAskedElsewhere) return run();
      prompt = openPrompt(kind, options);
      const choice = await prompt.choice;
      if (isOver) return;
      if (choice === 'anotherWay') return end({});
      if (choice === 'cancel') return refused();
      run();
      prompt.showProgress();
      await prompt.cancelled;
      refused();
    });
    worker.postMessage({ type: 'begin', kind, ancestors: ancestorsOf(), allowed: true, options });
  }

  return () => end(null);
}

/**
 * A request that waits in a field, while the browser's own waits too. Only a credential is ever answered: everything else leaves the field as it is.
 * @param {any} message @param {(answer: {credential: any}) => void} reply @returns {() => void} Ends it.
 */
function serveConditional({ options }, reply) {
  const worker = isAllowed('get') && !isForAnother(options) ? connect() : null;
  if (!worker) return () => {};
  /** @type {ReturnType<typeof openPrompt> | null} */
  let prompt = null;
  const field = offerInField(credentialId => {
    worker.postMessage({ type: 'run', credentialId });
    prompt = openPrompt('get', options);
    prompt.showProgress();
    prompt.cancelled.then(() => {
      prompt?.close();
      worker.postMessage({ type: 'stop' });
    });
  });
  const begin = () => worker.postMessage({ type: 'begin', kind: 'get', isConditional: true, ancestors: ancestorsOf(), allowed: true, options });

  function end() {
    field.close();
    prompt?.close();
    worker.disconnect();
  }

  worker.onDisconnect.addListener(() => { field.close(); prompt?.close(); });
  worker.onMessage.addListener((/** @type {any} */ message) => {
    if (message.type === 'changed') begin();
    else if (message.type === 'begun') field.show(message.takesPart ? message.accounts : [], message.takesPart && message.isLocked);
    else if (message.type === 'answer' && message.error?.advice && prompt) prompt.showAdvice(message.error.advice);
    else if (message.type === 'answer') {
      prompt?.close();
      prompt = null;
      if (!message.credential) return;
      reply({ credential: message.credential });
      end();
    }
  });
  begin();
  return end;
}

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
  page.onmessage = event => {
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
  };
}

/** @param {unknown} text @returns {any} */
function readMessage(text) {
  try {
    const message = typeof text === 'string' ? JSON.parse(text) : null;
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
