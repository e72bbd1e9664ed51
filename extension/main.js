// @ts-check
// In the page's own world, before the page: stands before navigator.credentials. Nothing here is a secret and nothing here is trusted: what
// this script sends a page could send too, by the same calls. Who the page is, the other side of the port learns from the browser.
(() => {
  const container = globalThis.CredentialsContainer?.prototype;
  const Credential = globalThis.PublicKeyCredential;
  if (!isSecureContext || !container?.create || !container.get || !Credential) return;

  // As the browser made them: a page that changes them later changes nothing here.
  const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { stringify, parse } = JSON;
  const { create: derive } = Object;
  const { isArray } = Array;
  const Failure = DOMException;
  const AttestationPrototype = AuthenticatorAttestationResponse.prototype, AssertionPrototype = AuthenticatorAssertionResponse.prototype;
  const credentials = navigator.credentials;
  const native = { create: container.create, get: container.get };
  /** @param {object} owner @param {string} name @returns {(self: any) => any} */
  const getter = (owner, name) => {
    const get = /** @type {() => any} */ (getOwnPropertyDescriptor(owner, name)?.get);
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
  const toBinary = btoa, fromBinary = atob, charCode = uncurry(String.prototype.charCodeAt), replace = uncurry(String.prototype.replace);
  const { fromCharCode } = String;
  const Bytes = Uint8Array, Buffer = ArrayBuffer, Controller = AbortController, Later = Promise, Wrong = TypeError;
  const isView = ArrayBuffer.isView;
  const channel = new MessageChannel();
  const post = uncurry(MessagePort.prototype.postMessage);

  // ---- the port to the relay ----

  const port = channel.port1;
  /** @type {Map<number, (answer: any) => void>} */
  const open = new Map();
  const waitFor = uncurry(Map.prototype.set), waiting = uncurry(Map.prototype.get), settled = uncurry(Map.prototype.delete);
  let last = 0;
  listen(port, 'message', (/** @type {MessageEvent} */ event) => {
    const answer = parse(dataOf(event));
    waiting(open, answer.id)?.(answer);
  });
  port.start();
  // An event of this moment reaches the relay's world at once, with the port as that world sees it. No page runs yet, and afterwards nobody listens.
  const isTaken = () => !document.dispatchEvent(new MessageEvent('latchkey-port', { ports: [channel.port2], cancelable: true }));
  if (!isTaken()) document.addEventListener('latchkey-relay', event => { event.stopImmediatePropagation(); isTaken(); }, { once: true, capture: true });

  /** @param {object} message @param {(answer: any) => void} [answered] @returns {number} */
  function send(message, answered) {
    const id = ++last;
    if (answered) waitFor(open, id, answered);
    post(port, stringify({ ...message, id }));
    return id;
  }

  /** @param {number} id */
  function end(id) {
    settled(open, id);
    post(port, stringify({ id, type: 'abort' }));
  }

  // ---- bytes and options ----

  /** @param {any} source @returns {string} base64url of a BufferSource; throws what the getters throw of anything else. */
  function text(source) {
    const bytes = isView(source) ? new Bytes(source.buffer, source.byteOffset, source.byteLength) : new Bytes(/** @type {ArrayBuffer} */ (source));
    let binary = '';
    for (let i = 0; i < bytes.length; i++) binary += fromCharCode(bytes[i]);
    return replace(replace(replace(toBinary(binary), /\+/g, '-'), /\//g, '_'), /=+$/, '');
  }

  /** @param {string} base64url @returns {ArrayBuffer} */
  function bytes(base64url) {
    const binary = fromBinary(replace(replace(base64url, /-/g, '+'), /_/g, '/'));
    const array = new Bytes(binary.length);
    for (let i = 0; i < binary.length; i++) array[i] = charCode(binary, i);
    return array.buffer;
  }

  const isBytes = (/** @type {any} */ value) => value instanceof Buffer || isView(value);
  const isObject = (/** @type {any} */ value) => typeof value === 'object' && value !== null;

  /**
   * The standard's JSON of options in plain members. What is not plainly what it should be is the browser's to judge: it converts, or refuses
   * with the error a page expects.
   * @param {any} value @param {number} depth @returns {any}
   */
  function plain(value, depth = 0) {
    if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
    if (!isObject(value) || depth > 8) throw new Wrong();
    if (isBytes(value)) return text(value);
    if (isArray(value)) {
      const list = [];
      for (let i = 0; i < value.length; i++) list[i] = plain(value[i], depth + 1);
      return list;
    }
    /** @type {any} */
    const copy = derive(null);
    for (const name in value) copy[name] = plain(value[name], depth + 1);
    return copy;
  }

  /** @param {any} list */
  function areDescriptors(list) {
    if (list === undefined) return true;
    if (!isArray(list)) return false;
    for (let i = 0; i < list.length; i++) if (!isBytes(list[i]?.id) || typeof list[i].type !== 'string') return false;
    return true;
  }

  /** @param {any} options @returns {any} the JSON of creation options; null when the request is not for us or not plainly well-formed. */
  function creation(options) {
    const asked = alone(options);
    if (!asked || options.mediation !== undefined && options.mediation !== 'optional' && options.mediation !== 'required') return null;
    const { rp, user, challenge, pubKeyCredParams: kinds } = asked;
    const isWellFormed = typeof rp?.name === 'string' && (rp.id === undefined || typeof rp.id === 'string')
      && isBytes(user?.id) && typeof user.name === 'string' && typeof user.displayName === 'string'
      && isBytes(challenge) && isArray(kinds) && areDescriptors(asked.excludeCredentials);
    return isWellFormed ? plain(asked) : null;
  }

  /** @param {any} options @returns {any} the JSON of request options; null likewise. */
  function request(options) {
    const asked = alone(options);
    if (!asked || options.mediation === 'silent') return null;
    const isWellFormed = isBytes(asked.challenge) && (asked.rpId === undefined || typeof asked.rpId === 'string') && areDescriptors(asked.allowCredentials);
    return isWellFormed ? plain(asked) : null;
  }

  /** @param {any} options @returns {any} What is asked of passkeys, when nothing else is asked, and not already over. */
  function alone(options) {
    if (!isObject(options) || !isObject(options.publicKey)) return null;
    for (const other of ['password', 'federated', 'otp', 'identity', 'digital']) if (options[other] !== undefined) return null;
    if (options.signal !== undefined && (!(options.signal instanceof AbortSignal) || isAborted(options.signal))) return null;
    return options.publicKey;
  }

  // ---- the credential, as a page knows it ----

  /** @param {any} prototype @param {Record<string, any>} values Each becomes an own getter, or an own method where it is a function. */
  function platformObject(prototype, values) {
    const object = derive(prototype);
    for (const name in values) {
      const value = values[name];
      defineProperty(object, name, typeof value === 'function'
        ? { value, writable: true, enumerable: false, configurable: true }
        : { get: () => value, enumerable: true, configurable: true });
    }
    return object;
  }

  /** @param {any} json the standard's JSON of a response @returns {any} */
  function credentialOf(json) {
    const { response } = json;
    const clientDataJSON = bytes(response.clientDataJSON);
    const attestation = typeof response.attestationObject === 'string';
    return platformObject(Credential.prototype, {
      id: json.id,
      rawId: bytes(json.rawId),
      type: 'public-key',
      authenticatorAttachment: json.authenticatorAttachment ?? null,
      response: attestation
        ? platformObject(AttestationPrototype, {
          clientDataJSON,
          attestationObject: bytes(response.attestationObject),
          getTransports: () => [...response.transports],
          getAuthenticatorData: () => bytes(response.authenticatorData),
          getPublicKey: () => typeof response.publicKey === 'string' ? bytes(response.publicKey) : null,
          getPublicKeyAlgorithm: () => response.publicKeyAlgorithm,
        })
        : platformObject(AssertionPrototype, {
          clientDataJSON,
          authenticatorData: bytes(response.authenticatorData),
          signature: bytes(response.signature),
          userHandle: typeof response.userHandle === 'string' ? bytes(response.userHandle) : null,
        }),
      getClientExtensionResults: () => parse(stringify(json.clientExtensionResults ?? {})),
      toJSON: () => parse(stringify(json)),
    });
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
    const id = send({ type: kind, options: publicKey }, answer => {
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
   * @param {any} options @param {any} publicKey
   */
  const conditional = (options, publicKey) => new Later((resolve, reject) => {
    const other = new Controller();
    const signal = options.signal;
    let isOver = false;
    const over = () => {
      if (isOver) return false;
      if (signal) forget(signal, 'abort', aborted);
      return isOver = true;
    };
    const aborted = () => { if (over()) { end(id); abort(other, reasonOf(signal)); reject(reasonOf(signal)); } };
    const id = send({ type: 'get', conditional: true, options: publicKey }, answer => {
      if (!answer.credential || !over()) return;
      abort(other);
      settled(open, id);
      resolve(credentialOf(answer.credential));
    });
    if (signal) listen(signal, 'abort', aborted);
    then(apply(native.get, credentials, [{ ...options, signal: signalOf(other) }]),
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
      return asked ? modal('create', asked, options.signal, browser) : browser();
    },
    get(/** @type {any} */ options = undefined) {
      const asked = this === credentials ? readOrNull(request, options) : null;
      const browser = () => apply(native.get, this, arguments);
      if (!asked) return browser();
      return options.mediation === 'conditional' ? conditional(options, asked) : modal('get', asked, options.signal, browser);
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

  /** What pages tell about their passkeys goes to the browser, and to the Authenticator when the browser found nothing wrong with it. */
  for (const method of ['unknownCredential', 'allAcceptedCredentials', 'currentUserDetails']) {
    const name = 'signal' + method[0].toUpperCase() + method.slice(1);
    const before = /** @type {any} */ (Credential)[name];
    replaceMethod(Credential, name, {
      signal(/** @type {any} */ options) {
        const told = apply(before, this, arguments);
        then(told, () => { const read = readOrNull(plain, options); if (read) send({ type: 'signal', method, options: read }); }, () => {});
        return told;
      },
    }.signal);
  }

  /** @returns {Promise<boolean>} Whether the Authenticator can be reached. */
  const reachable = () => new Later(resolve => { const id = send({ type: 'hello' }, answer => { settled(open, id); resolve(answer.reachable === true); }); });

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
