// @ts-check
// In the page's own world, before the page: stands before navigator.credentials. Nothing here is a secret and nothing here is trusted: what
// this script sends a page could send too, by the same calls. Who the page is, the other side of the port learns from the browser.
(() => {
  const container = globalThis.CredentialsContainer?.prototype;
  const Credential = globalThis.PublicKeyCredential;
  if (!isSecureContext || !container?.create || !container.get || !Credential) return;

  // As the browser made them: a page that changes them later changes nothing here.
  const { apply, defineProperty, getOwnPropertyDescriptor, setPrototypeOf } = Reflect;
  const { stringify, parse } = JSON;
  const { create: derive, keys: namesOf } = Object;
  const { isArray } = Array;
  const Failure = DOMException;
  const AttestationPrototype = AuthenticatorAttestationResponse.prototype, AssertionPrototype = AuthenticatorAssertionResponse.prototype;
  const credentials = navigator.credentials;
  const native = { create: container.create, get: container.get };
  /** @param {object} owner @param {string} name @param {() => any} [instead] where the browser has none @returns {(self: any) => any} */
  const getter = (owner, name, instead) => {
    const get = /** @type {() => any} */ (getOwnPropertyDescriptor(owner, name)?.get ?? instead);
    return self => apply(get, self, []);
  };
  /** @param {Function} method @returns {(self: any, ...rest: any[]) => any} */
  const uncurry = method => (self, ...rest) => apply(method, self, rest);
  const then = uncurry(Promise.prototype.then);
  const isAborted = getter(AbortSignal.prototype, 'aborted');
  const reasonOf = getter(AbortSignal.prototype, 'reason');
  const signalOf = getter(AbortController.prototype, 'signal');
  const abort = uncurry(AbortController.prototype.abort);
  const listen = uncurry(EventTarget.prototype.addEventListener);
  const forget = uncurry(EventTarget.prototype.removeEventListener);
  const dataOf = getter(MessageEvent.prototype, 'data');
  const wellFormed = uncurry(/** @type {any} */ (String.prototype).toWellFormed);
  const Bytes = Uint8Array, Controller = AbortController, Later = Promise, Wrong = TypeError;
  const isView = ArrayBuffer.isView;
  // Of any realm's buffers: these getters ask what an object is, and not where it was made.
  const TypedArray = Object.getPrototypeOf(Uint8Array.prototype), Slice = DataView.prototype;
  const lengthOf = getter(ArrayBuffer.prototype, 'byteLength'), isResizable = getter(ArrayBuffer.prototype, 'resizable', () => false);
  const arrayBuffer = getter(TypedArray, 'buffer'), arrayOffset = getter(TypedArray, 'byteOffset'), arrayLength = getter(TypedArray, 'byteLength');
  const sliceBuffer = getter(Slice, 'buffer'), sliceOffset = getter(Slice, 'byteOffset'), sliceLength = getter(Slice, 'byteLength');
  const channel = new MessageChannel();
  const post = uncurry(MessagePort.prototype.postMessage);

  // ---- the port to the relay ----

  const port = channel.port1;
  /** @type {Map<number, (answer: any) => void>} */
  const open = new Map();
  const waitFor = uncurry(Map.prototype.set), waiting = uncurry(Map.prototype.get), settled = uncurry(Map.prototype.delete);
  let last = 0;
  listen(port, 'message', (/** @type {MessageEvent} */ event) => {
    const answer = bare(parse(dataOf(event)));
    waiting(open, answer.id)?.(answer);
  });
  port.start();
  // An event of this moment reaches the relay's world at once, with the port as that world sees it. No page runs yet, and afterwards nobody listens.
  const isTaken = () => !document.dispatchEvent(new MessageEvent('latchkey-port', { ports: [channel.port2], cancelable: true }));
  if (!isTaken()) document.addEventListener('latchkey-relay', event => { event.stopImmediatePropagation(); isTaken(); }, { once: true, capture: true });

  /** @param {any} message without a prototype @param {(answer: any) => void} [answered] @returns {number} */
  function send(message, answered) {
    const id = message.id = ++last;
    if (answered) waitFor(open, id, answered);
    post(port, stringify(message));
    return id;
  }

  /** @param {number} id */
  function end(id) {
    settled(open, id);
    post(port, stringify({ __proto__: null, id, type: 'abort' }));
  }

  // ---- bytes and options ----

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  /** @type {Record<string, number>} */
  const valueOf = derive(null);
  for (let i = 0; i < alphabet.length; i++) valueOf[alphabet[i]] = i;

  /** @param {any} source @returns {Uint8Array} of a BufferSource; throws what the getters throw of anything else, and for memory that others may change. */
  function bytesOf(source) {
    let buffer = source, offset = 0, length;
    if (isView(source)) {
      // A view is a slice or an array; the getters of the one throw of the other.
      try { buffer = arrayBuffer(source); offset = arrayOffset(source); length = arrayLength(source); } catch { buffer = sliceBuffer(source); offset = sliceOffset(source); length = sliceLength(source); }
    }
    const all = lengthOf(buffer);
    if (isResizable(buffer)) throw new Wrong();
    return new Bytes(buffer, offset, length ?? all);
  }

  /** @param {Uint8Array} bytes @returns {string} base64url */
  function text(bytes) {
    let coded = '';
    const { length } = bytes;
    for (let i = 0; i < length; i += 3) {
      const group = bytes[i] << 16 | (i + 1 < length ? bytes[i + 1] : 0) << 8 | (i + 2 < length ? bytes[i + 2] : 0);
      coded += alphabet[group >> 18] + alphabet[group >> 12 & 63];
      if (i + 1 < length) coded += alphabet[group >> 6 & 63];
      if (i + 2 < length) coded += alphabet[group & 63];
    }
    return coded;
  }

  /** @param {string} base64url @returns {ArrayBuffer} */
  function bytes(base64url) {
    const array = new Bytes(base64url.length * 3 >> 2);
    for (let i = 0, at = 0, bits = 0, held = 0; i < base64url.length; i++) {
      held = held << 6 | valueOf[base64url[i]];
      bits += 6;
      if (bits >= 8) array[at++] = held >> (bits -= 8) & 255;
    }
    return array.buffer;
  }

  /** @param {any} value */
  function isBytes(value) {
    try { return isObject(value) && !!bytesOf(value); } catch { return false; }
  }

  const isObject = (/** @type {any} */ value) => typeof value === 'object' && value !== null;

  /** What a page hangs on Object.prototype or Array.prototype is in none of this. @param {any} value of JSON.parse @returns {any} */
  function bare(value) {
    if (!isObject(value)) return value;
    setPrototypeOf(value, null);
    const names = namesOf(value);
    for (let i = 0; i < names.length; i++) bare(value[names[i]]);
    return value;
  }

  /** How much one request may hold, in characters of JSON: more is the browser's. In UTF-8 a frame to the Authenticator still has room for it. */
  const ROOM = 64 * 1024;

  /**
   * The standard's JSON of options in plain members. What is not plainly what it should be is the browser's to judge: it converts, or refuses
   * with the error a page expects.
   * @param {any} value @returns {any}
   */
  function plain(value) {
    let room = ROOM;
    /** @param {any} value @param {number} depth @returns {any} */
    function copied(value, depth) {
      if ((room -= 8) < 0) throw new Wrong();
      if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return value;
      if (typeof value === 'string') return fitting(value);
      if (!isObject(value) || depth > 8) throw new Wrong();
      if (isBytes(value)) {
        const given = bytesOf(value);
        if (given.length > room) throw new Wrong();
        return fitting(text(given));
      }
      if (isArray(value)) {
        /** @type {any[]} */
        const list = [];
        setPrototypeOf(list, null);
        for (let i = 0; i < value.length; i++) list[i] = copied(value[i], depth + 1);
        return list;
      }
      /** @type {any} */
      const copy = derive(null);
      // No member of options is a function: what is one was hung on a prototype, for something else.
      for (const name in value) if (typeof value[name] !== 'function') copy[fitting(name)] = copied(value[name], depth + 1);
      return copy;
    }

    /** Half a character becomes what a browser makes of it. @param {string} value */
    function fitting(value) {
      if ((room -= value.length) < 0) throw new Wrong();
      return wellFormed(value);
    }

    const copy = copied(value, 0);
    if (stringify(copy)?.length > ROOM) throw new Wrong();
    return copy;
  }

  /** @param {any} list */
  function areDescriptors(list) {
    if (list === undefined) return true;
    if (!isArray(list)) return false;
    for (let i = 0; i < list.length; i++) if (!isBytes(list[i]?.id) || typeof list[i].type !== 'string') return false;
    return true;
  }

  /** @typedef {{publicKey: any, mediation: any, signal: any}} Asked What is asked, each member read once. */

  /** @param {any} options @returns {Asked | null} null when the request is not for us or not plainly well-formed. */
  function creation(options) {
    const asked = alone(options);
    if (!asked || asked.mediation !== undefined && asked.mediation !== 'optional' && asked.mediation !== 'required') return null;
    const { rp, user, challenge, pubKeyCredParams: kinds, excludeCredentials } = asked.publicKey;
    const isWellFormed = typeof rp?.name === 'string' && (rp.id === undefined || typeof rp.id === 'string')
      && isBytes(user?.id) && typeof user.name === 'string' && typeof user.displayName === 'string'
      && isBytes(challenge) && isArray(kinds) && areDescriptors(excludeCredentials);
    return isWellFormed ? copyOf(asked) : null;
  }

  /** @param {any} options @returns {Asked | null} likewise. */
  function request(options) {
    const asked = alone(options);
    const way = asked?.mediation;
    // A way of asking that is not known here is the browser's.
    if (!asked || way !== undefined && way !== 'optional' && way !== 'required' && way !== 'conditional') return null;
    const { challenge, rpId, allowCredentials } = asked.publicKey;
    return isBytes(challenge) && (rpId === undefined || typeof rpId === 'string') && areDescriptors(allowCredentials) ? copyOf(asked) : null;
  }

  /** @param {Asked} asked @returns {Asked} */
  const copyOf = ({ publicKey, mediation, signal }) => ({ publicKey: plain(publicKey), mediation, signal });

  const others = ['password', 'federated', 'otp', 'identity', 'digital', 'uiMode'];

  /** @param {any} options @returns {Asked | null} What is asked of passkeys, when nothing else is asked, and not already over. */
  function alone(options) {
    if (!isObject(options)) return null;
    const { publicKey, mediation, signal } = options;
    if (!isObject(publicKey)) return null;
    for (let i = 0; i < others.length; i++) if (options[others[i]] !== undefined) return null;
    // Throws of what is no signal, of whichever realm.
    if (signal !== undefined && isAborted(signal)) return null;
    return { publicKey, mediation, signal };
  }

  // ---- the credential, as a page knows it ----

  /** @type {WeakMap<object, Record<string, () => any>>} What the methods of the browser's own classes answer of our objects. */
  const answers = new WeakMap();
  const keep = uncurry(WeakMap.prototype.set), kept = uncurry(WeakMap.prototype.get);

  /** @param {any} prototype @param {Record<string, any>} values Each becomes an own getter. @param {any} methods without a prototype @returns {any} */
  function platformObject(prototype, values, methods) {
    const object = derive(prototype);
    const names = namesOf(values);
    for (let i = 0; i < names.length; i++) {
      const value = values[names[i]];
      defineProperty(object, names[i], /** @type {any} */ ({ __proto__: null, get: () => value, enumerable: true, configurable: true }));
    }
    keep(answers, object, methods);
    return object;
  }

  /** @param {any} json the standard's JSON of a response, bare @returns {any} */
  function credentialOf(json) {
    const { response } = json;
    const whole = stringify(json), extensions = stringify(json.clientExtensionResults ?? derive(null));
    const transports = isArray(response.transports) ? stringify(response.transports) : '[]';
    const clientDataJSON = bytes(response.clientDataJSON);
    const isNew = typeof response.attestationObject === 'string';
    return platformObject(Credential.prototype, {
      id: json.id,
      rawId: bytes(json.rawId),
      type: 'public-key',
      authenticatorAttachment: json.authenticatorAttachment ?? null,
      response: isNew
        ? platformObject(AttestationPrototype, { clientDataJSON, attestationObject: bytes(response.attestationObject) }, {
          __proto__: null,
          getTransports: () => parse(transports),
          getAuthenticatorData: () => bytes(response.authenticatorData),
          getPublicKey: () => typeof response.publicKey === 'string' ? bytes(response.publicKey) : null,
          getPublicKeyAlgorithm: () => response.publicKeyAlgorithm,
        })
        : platformObject(AssertionPrototype, {
          clientDataJSON,
          authenticatorData: bytes(response.authenticatorData),
          signature: bytes(response.signature),
          userHandle: typeof response.userHandle === 'string' ? bytes(response.userHandle) : null,
        }, { __proto__: null }),
    }, { __proto__: null, getClientExtensionResults: () => parse(extensions), toJSON: () => parse(whole) });
  }

  // ---- the calls ----

  /** @param {{name: string, message: string}} error */
  const failure = ({ name, message }) => name === 'TypeError' ? new Wrong(message) : new Failure(message, name);

  /**
   * One request of a page: the relay's, or the browser's where the relay says so.
   * @param {'create' | 'get'} kind @param {any} publicKey @param {AbortSignal | undefined} signal @param {() => Promise<any>} browser
   */
  const modal = (kind, publicKey, signal, browser) => new Later((resolve, reject) => {
    const aborted = () => { end(id); reject(reasonOf(signal)); };
    const id = send({ __proto__: null, type: kind, options: publicKey }, answer => {
      if (signal) forget(signal, 'abort', aborted);
      settled(open, id);
      if (answer.error) reject(failure(answer.error));
      else if (!answer.credential) resolve(browser());
      else resolve(credentialOf(answer.credential));
    });
    if (signal) listen(signal, 'abort', aborted);
  });

  /**
   * A request that waits in the name field: ours and the browser's beside each other. Who answers first ends the other; a no in the Authenticator
   * ends nothing, as a closed list in the browser ends nothing.
   * @param {any} options @param {Asked} asked
   */
  const conditional = (options, { publicKey, signal }) => new Later((resolve, reject) => {
    const other = new Controller();
    let isOver = false;
    const over = () => {
      if (isOver) return false;
      if (signal) forget(signal, 'abort', aborted);
      return isOver = true;
    };
    const aborted = () => { if (over()) { end(id); abort(other, reasonOf(signal)); reject(reasonOf(signal)); } };
    const id = send({ __proto__: null, type: 'get', conditional: true, options: publicKey }, answer => {
      if (!answer.credential || !over()) return;
      abort(other);
      settled(open, id);
      resolve(credentialOf(answer.credential));
    });
    if (signal) listen(signal, 'abort', aborted);
    /** @type {any} */
    const theirs = derive(null);
    for (const name in options) theirs[name] = options[name];
    theirs.signal = signalOf(other);
    then(apply(native.get, credentials, [theirs]),
      (/** @type {any} */ credential) => { if (over()) { end(id); resolve(credential); } },
      (/** @type {any} */ error) => { if (over()) { end(id); reject(error); } });
  });

  /** @param {(options: any) => any} read @param {any} options @returns {any} What a page's own getters throw, the browser meets again and answers. */
  function readOrNull(read, options) {
    try { return read(options); } catch { return null; }
  }

  // Methods of an object literal: no prototype, not constructible, as the browser's own.
  const ours = {
    create(/** @type {any} */ options = undefined) {
      const asked = this === credentials ? readOrNull(creation, options) : null;
      const browser = () => apply(native.create, this, arguments);
      return asked ? modal('create', asked.publicKey, asked.signal, browser) : browser();
    },
    get(/** @type {any} */ options = undefined) {
      const asked = this === credentials ? readOrNull(request, options) : null;
      const browser = () => apply(native.get, this, arguments);
      if (!asked) return browser();
      return asked.mediation === 'conditional' ? conditional(options, asked) : modal('get', asked.publicKey, asked.signal, browser);
    },
  };

  /** Puts one of ours in the place of the browser's, with everything else as it was. @param {any} owner @param {string} name @param {Function} method */
  function replaceMethod(owner, name, method) {
    const before = getOwnPropertyDescriptor(owner, name);
    if (!before?.value) return;
    for (const [property, value] of [['name', name], ['length', before.value.length]]) defineProperty(method, property, { value, configurable: true });
    defineProperty(owner, name, { ...before, value: method });
  }

  replaceMethod(container, 'create', ours.create);
  replaceMethod(container, 'get', ours.get);

  /** Methods of the browser's classes answer for our objects too, and for nothing else: called of anything else they are the browser's. */
  for (const [owner, names] of /** @type {[any, string[]][]} */ ([
    [Credential.prototype, ['getClientExtensionResults', 'toJSON']],
    [AttestationPrototype, ['getTransports', 'getAuthenticatorData', 'getPublicKey', 'getPublicKeyAlgorithm']],
  ])) {
    for (const name of names) {
      const before = owner[name];
      replaceMethod(owner, name, {
        answer() {
          const answer = isObject(this) ? kept(answers, this)?.[name] : undefined;
          return answer ? answer() : apply(before, this, arguments);
        },
      }.answer);
    }
  }

  /** What pages tell about their passkeys goes to the browser, and to the Authenticator when the browser found nothing wrong with it. */
  for (const method of ['unknownCredential', 'allAcceptedCredentials', 'currentUserDetails']) {
    const name = 'signal' + method[0].toUpperCase() + method.slice(1);
    const before = /** @type {any} */ (Credential)[name];
    replaceMethod(Credential, name, {
      signal(/** @type {any} */ options) {
        const told = apply(before, this, arguments);
        then(told, () => { const read = readOrNull(plain, options); if (read) send({ __proto__: null, type: 'signal', method, options: read }); }, () => {});
        return told;
      },
    }.signal);
  }

  /** @returns {Promise<boolean>} Whether the Authenticator can be reached. */
  const reachable = () => new Later(resolve => { const id = send({ __proto__: null, type: 'hello' }, answer => { settled(open, id); resolve(answer.reachable === true); }); });

  // What a browser without passkeys of its own says it lacks, it has with the Authenticator. Where it says yes itself, nobody is asked.
  const available = Credential.isUserVerifyingPlatformAuthenticatorAvailable;
  replaceMethod(Credential, 'isUserVerifyingPlatformAuthenticatorAvailable', {
    ask() { return then(apply(available, this, arguments), (/** @type {boolean} */ own) => own || reachable()); },
  }.ask);

  const capabilities = /** @type {any} */ (Credential).getClientCapabilities;
  replaceMethod(Credential, 'getClientCapabilities', {
    ask() {
      return then(apply(capabilities, this, arguments), async (/** @type {Record<string, boolean>} */ own) => {
        const ofOurs = ['userVerifyingPlatformAuthenticator', 'passkeyPlatformAuthenticator'];
        return (own[ofOurs[0]] && own[ofOurs[1]]) || !await reachable() ? own : { ...own, [ofOurs[0]]: true, [ofOurs[1]]: true };
      });
    },
  }.ask);
})();
