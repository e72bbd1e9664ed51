// @ts-check
// One passkey, made in this browser, on a security key or by another device. If the server's answer is lost, the same response is sent again
// while the page is open; if the server refuses, the browser is told to drop the key it just made.
import { offer } from './passkey-test.js';
import './preflight.js';
import { canUsePasskeys, creationOptions, isTransient, keepsPasskeys, post, signal, toJson } from './webauthn.js';

const page = /** @type {HTMLElement} */ (document.getElementById('add-passkey'));
const texts = page.dataset;
const button = /** @type {HTMLButtonElement} */ (document.getElementById('create'));
const status = /** @type {HTMLElement} */ (document.getElementById('status'));
const problem = /** @type {HTMLElement} */ (document.getElementById('problem'));
const problemTitle = /** @type {HTMLElement} */ (document.getElementById('problem-title'));
const problemText = /** @type {HTMLElement} */ (document.getElementById('problem-text'));
const existing = /** @type {HTMLElement} */ (document.getElementById('existing'));
const causes = document.getElementById('causes');
const where = /** @type {HTMLElement} */ (document.getElementById('where'));

const FASTER_THAN_A_PERSON = 1000; // within so many milliseconds nobody reads a window and closes it
const OFTEN_TIME_UP = 180 * 1000; // some browsers shorten the time they are given; this is the shortest known for another device
const TIME_UP = 'TimeoutError';

/** A response the server has not acknowledged yet. @type {any} */
let unacknowledged = null;
/** The passkey whose place the one being made takes. @type {{ id: string, credentialId: string } | null} */
let replaced = null;
/** @type {AbortController | null} */
let pending = null;
let longest = OFTEN_TIME_UP;
let working = false;

// One tab at a time, and the last one first. Of two that go side by side neither tells the authenticator of the other's passkey, and since it
// keeps one for each account, the second would take the place of the first unseen.
const tabs = new BroadcastChannel('passkey-creation');
tabs.addEventListener('message', () => pending?.abort());

if (!canUsePasskeys()) {
  where.textContent = texts.cannot ?? '';
  button.hidden = true;
} else {
  where.textContent = (await keepsPasskeys() ? texts.keeps : texts.keepsNot) ?? '';
  button.hidden = false;
  offer('replace');
  button.addEventListener('click', () => alone(unacknowledged ? deliver : () => create(null)));
  existing.addEventListener('click', (event) => {
    const pressed = event.target instanceof Element ? event.target.closest('[data-act="replace"]') : null;
    const line = /** @type {HTMLElement | null} */ (pressed?.closest('[data-passkey]') ?? null);
    if (line) alone(() => create({ id: line.dataset.passkey ?? '', credentialId: line.dataset.credential ?? '' }));
  });
}

addEventListener('beforeunload', (event) => { if (unacknowledged) event.preventDefault(); });
addEventListener('online', () => { if (unacknowledged) alone(deliver); });

/**
 * Runs when no other tab makes a passkey: one that still waits for the person is told to stop. What this page has begun is not begun twice: the lock is
 * not there at once, and a second press of the button would wait for it and run when the person cancels the first.
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  if (working) return;
  working = true;
  clear();
  busy(texts.waiting);
  tabs.postMessage('stop');
  try {
    await navigator.locks.request('passkey-creation', work);
  } catch {
    failed('', 0); // nothing that was foreseen: the page says so and can be used again
  } finally {
    working = false;
  }
}

/** @param {typeof replaced} old */
async function create(old) {
  replaced = old;
  const controller = pending = new AbortController();
  const begun = await post(told(texts.options));
  if (!begun.ok) {
    if (begun.data?.code === 'step_up_required') {
      location.assign('/step-up?reason=add&returnUrl=' + encodeURIComponent(location.pathname + location.search));
      return;
    }
    if (begun.status === 401) {
      location.reload(); // signed out meanwhile: sign in, and come back here
      return;
    }
    return refused(begun, texts.offlineTitle, texts.offline);
  }

  if (controller.signal.aborted) return failed('AbortError', 0);
  const life = begun.data.timeout ?? OFTEN_TIME_UP;
  longest = Math.min(life, OFTEN_TIME_UP);
  const began = performance.now();
  // Chromium's window was seen to stay open past the time it was given: a passkey made after it would be refused.
  const timeUp = setTimeout(() => controller.abort(new DOMException('', TIME_UP)), life);
  let credential;
  try {
    credential = await navigator.credentials.create({ publicKey: creationOptions(begun.data), signal: controller.signal });
  } catch (error) {
    const took = performance.now() - began;
    return failed(error instanceof Error ? error.name : '', took);
  } finally {
    clearTimeout(timeUp);
  }
  unacknowledged = toJson(credential);
  await deliver();
}

async function deliver() {
  busy(texts.saving);
  let answer = await post(told(texts.complete), unacknowledged);
  for (let wait = 500; isTransient(answer) && wait <= 16000; wait *= 2) {
    busy(texts.retrying);
    await new Promise((done) => setTimeout(done, wait));
    answer = await post(told(texts.complete), unacknowledged);
  }

  if (answer.ok) {
    unacknowledged = null;
    // Where the new one was saved elsewhere, the old one is still kept in its place, and good for nothing.
    if (replaced) await signal('signalUnknownCredential', { credentialId: replaced.credentialId });
    location.assign(answer.data.next);
    return;
  }

  if (isTransient(answer)) {
    show(texts.unsavedTitle, texts.unsaved);
    button.textContent = texts.sendAgain ?? '';
    return;
  }

  const credentialId = unacknowledged.id;
  unacknowledged = null;
  // The key is registered, if not by this answer: it must stay.
  if (answer.data?.code !== 'credential_already_registered' && answer.data?.code !== 'ceremony_already_used') {
    await signal('signalUnknownCredential', { credentialId });
  }
  refused(answer, texts.failedTitle, texts.failed);
}

/** An address of the server's, which is told what is replaced. @param {string | undefined} address */
const told = (address) => (address ?? '') + (replaced ? `${address?.includes('?') ? '&' : '?'}replaces=${replaced.id}` : '');

/** What the browser said, in plain words. @param {string} name @param {number} took how many milliseconds it thought */
function failed(name, took) {
  switch (name) {
    case 'InvalidStateError':
      return exists();
    case 'NotAllowedError': // cancelled, declined, or the time was up: the browser does not say which
      if (texts.setting && took < FASTER_THAN_A_PERSON) {
        location.assign(texts.setting); // nothing here was ready to save it
        return;
      }
      if (took >= longest - 2000 && texts.timedOut) show(texts.timedOutTitle, texts.timedOut);
      else show(texts.cancelledTitle, texts.cancelled);
      if (causes) causes.hidden = false;
      break;
    case TIME_UP:
      show(texts.timedOutTitle ?? texts.cancelledTitle, texts.timedOut ?? texts.cancelled);
      if (causes) causes.hidden = false;
      break;
    case 'AbortError':
      show(texts.elsewhereTitle, texts.elsewhere);
      break;
    case 'ConstraintError':
    case 'NotSupportedError':
      show(texts.unsuitableTitle, texts.unsuitable);
      break;
    case 'SecurityError':
      show(texts.addressTitle, texts.address);
      break;
    default:
      show(texts.failedTitle, texts.failed);
  }
}

/** There is one already, perhaps since a moment ago and from another tab: the list is the server's of now, not this page's. */
async function exists() {
  try {
    const now = new DOMParser().parseFromString(await (await fetch(location.href, { redirect: 'error' })).text(), 'text/html');
    existing.replaceChildren(...now.getElementById('existing')?.childNodes ?? []);
    offer('test');
    offer('replace');
  } catch { /* then the list this page came with */ }
  show(texts.existsTitle, texts.exists);
  existing.hidden = false;
}

/** @param {import('./webauthn.js').Answer} answer @param {string | undefined} title @param {string | undefined} text */
function refused(answer, title, text) {
  show(answer.data?.title ?? title, answer.data?.detail ?? text);
}

/** @param {string | undefined} title @param {string | undefined} text */
function show(title, text) {
  busy(undefined);
  problemTitle.textContent = title ?? '';
  problemText.textContent = text ?? '';
  problem.hidden = false;
  existing.hidden = !replaced || Boolean(unacknowledged); // it is still there, and can still be replaced
  button.textContent = texts.tryAgain ?? '';
}

function clear() {
  problem.hidden = true;
  if (causes) causes.hidden = true;
  existing.hidden = true;
  busy(undefined);
}

/** @param {string | undefined} text */
function busy(text) {
  status.hidden = !text;
  /** @type {HTMLElement} */ (status.lastElementChild).textContent = text ?? '';
  button.setAttribute('aria-disabled', String(Boolean(text)));
  button.hidden = Boolean(text);
}
