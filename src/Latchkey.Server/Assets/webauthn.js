// @ts-check
// What the portal's pages share: talking to the server, and to the browser about passkeys.

/** @returns {string} */
const formToken = () => document.querySelector('meta[name="form-token"]')?.getAttribute('content') ?? '';

/**
 * @typedef {{ ok: boolean, status: number, data: any }} Answer
 * @param {string} path @param {unknown} [body]
 * @returns {Promise<Answer>} `status` 0 when there was no answer.
 */
export async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', RequestVerificationToken: formToken() },
      body: body === undefined ? '{}' : JSON.stringify(body),
      redirect: 'error',
    });
    const text = await response.text();
    let data = null;
    try { data = text ? JSON.parse(text) : null; } catch { /* not our words: a proxy's page */ }
    return { ok: response.ok, status: response.status, data };
  } catch {
    return { ok: false, status: 0, data: null };
  }
}

/** The same request may be sent again and may succeed. @param {Answer} answer */
export const isTransient = (answer) => answer.status === 0 || answer.status === 408 || answer.status === 429 || answer.status >= 500;

export const canUsePasskeys = () => typeof PublicKeyCredential === 'function' && typeof navigator.credentials?.create === 'function';

export const tellsCapabilities = () => canUsePasskeys() && 'getClientCapabilities' in PublicKeyCredential;

/**
 * Whether something stands before the browser's own passkeys, as the Authenticator's extension does. Nothing else tells the two apart, and another
 * extension looks the same.
 */
export const somethingStandsBefore = () => !Function.prototype.toString.call(navigator.credentials.create).includes('[native code]');

/** @returns {Promise<boolean>} Whether this browser keeps passkeys itself, or hands them to this device. */
export async function keepsPasskeys() {
  if (!canUsePasskeys()) return false;
  const capabilities = await known(() => /** @type {any} */ (PublicKeyCredential).getClientCapabilities?.());
  if (typeof capabilities?.passkeyPlatformAuthenticator === 'boolean') return capabilities.passkeyPlatformAuthenticator;
  if (typeof capabilities?.userVerifyingPlatformAuthenticator === 'boolean') return capabilities.userVerifyingPlatformAuthenticator;
  return await known(() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()) === true;
}

/** @returns {Promise<boolean>} Whether the browser offers passkeys in the name field. */
export async function offersInField() {
  if (!canUsePasskeys()) return false;
  const capabilities = await known(() => /** @type {any} */ (PublicKeyCredential).getClientCapabilities?.());
  if (typeof capabilities?.conditionalGet === 'boolean') return capabilities.conditionalGet;
  return await known(() => /** @type {any} */ (PublicKeyCredential).isConditionalMediationAvailable?.()) === true;
}

/** @returns {Promise<boolean | undefined>} Whether the browser can meet another device by QR code; undefined where it does not say. */
export async function reachesOtherDevices() {
  const capabilities = await known(() => /** @type {any} */ (PublicKeyCredential).getClientCapabilities?.());
  return typeof capabilities?.hybridTransport === 'boolean' ? capabilities.hybridTransport : undefined;
}

/** @returns {Promise<boolean | undefined>} Whether there is Bluetooth and it is on; undefined where the browser does not say. */
export async function bluetoothIsThere() {
  return await known(() => /** @type {any} */ (navigator).bluetooth?.getAvailability?.()) ?? undefined;
}

/** @template T @param {() => T | Promise<T>} ask @returns {Promise<T | null>} */
async function known(ask) {
  try { return await ask(); } catch { return null; }
}

/** @param {any} json @returns {any} */
export function creationOptions(json) {
  const parse = /** @type {any} */ (PublicKeyCredential).parseCreationOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, json);
  return {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(descriptor),
  };
}

/** @param {any} json @returns {any} */
export function requestOptions(json) {
  const parse = /** @type {any} */ (PublicKeyCredential).parseRequestOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, json);
  return { ...json, challenge: bytes(json.challenge), allowCredentials: (json.allowCredentials ?? []).map(descriptor) };
}

/** @param {any} credential @returns {any} */
export function toJson(credential) {
  if (typeof credential.toJSON === 'function') {
    try { return credential.toJSON(); } catch { /* some password managers throw here: by hand, then */ }
  }
  const response = credential.response;
  const common = { clientDataJSON: text(response.clientDataJSON) };
  return {
    id: credential.id,
    rawId: credential.id,
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults?.() ?? {},
    response: response.attestationObject
      ? { ...common, attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] }
      : {
        ...common,
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle?.byteLength ? text(response.userHandle) : undefined,
      },
  };
}

/**
 * Tells the browser's passkey providers what the server knows (WebAuthn §5.1.10). Where a browser has no such call, nothing happens.
 * @param {'signalUnknownCredential' | 'signalAllAcceptedCredentials' | 'signalCurrentUserDetails'} call @param {object} details
 */
export async function signal(call, details) {
  const api = typeof PublicKeyCredential === 'function' ? /** @type {any} */ (PublicKeyCredential)[call] : undefined;
  if (!api) return;
  await Promise.race([known(() => api.call(PublicKeyCredential, { rpId: location.hostname, ...details })), new Promise((done) => setTimeout(done, 1000))]);
}

/** @param {{ userId: string, name: string, displayName: string, allAcceptedCredentialIds: string[] }} account */
export async function signalAccount(account) {
  const { userId, name, displayName, allAcceptedCredentialIds } = account;
  await Promise.all([
    signal('signalAllAcceptedCredentials', { userId, allAcceptedCredentialIds }),
    signal('signalCurrentUserDetails', { userId, name, displayName }),
  ]);
}

/** @param {string} base64url */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {any} json */
const descriptor = (json) => ({ ...json, id: bytes(json.id) });
