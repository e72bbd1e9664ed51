// @ts-check
// Passkeys on the pages that ask who you are: offered in the name field, and by a button. Cancelling in the field is no error; after a press of the button the page says that nothing came of it.
import { canUsePasskeys, isTransient, keepsPasskeys, offersInField, post, requestOptions, signal, signalAccount, toJson } from './webauthn.js';

const box = document.getElementById('passkey');
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById('passkey-button'));
const problem = document.getElementById('passkey-problem');
const texts = /** @type {HTMLElement} */ (document.getElementById('texts')).dataset;
const kind = box?.dataset.kind ?? 'sign-in';
const path = kind === 'step-up' ? '/step-up/passkey' : '/sign-in/passkey';
const RENEW = 9 * 60 * 1000; // a ceremony lives ten minutes; a page may be open longer

/** @type {AbortController | null} */
let pending = null;

if (box && button && canUsePasskeys()) {
  box.hidden = false;
  button.addEventListener('click', () => ask(false));
  offerInField();
} else if (box && button) {
  // Not hidden: who was told to sign in with a passkey would look for it.
  box.hidden = false;
  button.disabled = true;
  say(texts.none);
  problem?.classList.replace('error', 'warning');
}

/** Offers passkeys in the name field, unless something else was asked for while the browser said whether it can: that must not be ended for it. */
async function offerInField() {
  const before = pending;
  if (document.querySelector('input[autocomplete~="webauthn"]') && await offersInField() && pending === before) ask(true);
}

/** @param {boolean} inField */
async function ask(inField) {
  pending?.abort();
  const controller = pending = new AbortController();
  if (!inField) { say(''); busy(true); }
  const begun = await post(kind === 'after-password' ? `${path}/options?after-password` : `${path}/options`);
  if (controller.signal.aborted) return;
  if (!begun.ok) {
    busy(false);
    if (!inField) say(begun.data?.title ?? texts.offline);
    return;
  }

  const [began, life] = [performance.now(), begun.data?.timeout ?? Infinity];
  const renew = inField ? setTimeout(() => { if (pending === controller) ask(true); }, RENEW) : 0;
  try {
    const credential = await navigator.credentials.get({
      publicKey: requestOptions(begun.data),
      signal: controller.signal,
      ...(inField ? { mediation: /** @type {any} */ ('conditional') } : {}),
    });
    clearTimeout(renew);
    busy(true);
    await complete(toJson(credential));
  } catch (error) {
    clearTimeout(renew);
    if (controller.signal.aborted) return; // another one is under way, and is the busy one
    busy(false);
    const name = error instanceof Error ? error.name : '';
    // One name for both: what tells them apart is how long it took.
    const timeIsUp = name === 'TimeoutError' || (name === 'NotAllowedError' && performance.now() - began >= life - 2000);
    if (!inField) say(timeIsUp ? texts.timedOut : name === 'NotAllowedError' || name === 'AbortError' ? texts.cancelled : texts.failed);
    if (!inField && kind === 'sign-in') offerInField();
  }
}

/** @param {any} response */
async function complete(response) {
  // What the page leads on to: a program that waits there has its answer by this, and by no other sign-in.
  const whole = `${path}?returnUrl=${encodeURIComponent(box?.dataset.returnUrl ?? '')}`;
  let answer = await post(whole, response);
  for (let wait = 500; isTransient(answer) && answer.status !== 429 && wait <= 4000; wait *= 2) {
    await new Promise((done) => setTimeout(done, wait));
    answer = await post(whole, response); // the same response gets the same answer
  }

  if (answer.ok) {
    if (answer.data?.userId) await signalAccount(answer.data);
    // By phone or key on a device that could keep one itself: there is a shorter way from the next time on.
    const onward = box?.dataset.returnUrl ?? '/';
    location.assign(onward === '/security-info' && answer.data?.cameFromElsewhere && await keepsPasskeys() ? `${onward}?offer=here` : onward);
    return;
  }

  busy(false);
  // Only this answer: a refusal for any other reason must not make a provider drop the passkey.
  if (answer.data?.code === 'credential_unknown') {
    await signal('signalUnknownCredential', { credentialId: response.id });
    say(texts.unknown);
  } else {
    say(answer.data?.title ? `${answer.data.title} ${answer.data.detail ?? ''}` : texts.offline);
  }
  if (kind === 'sign-in') offerInField();
}

/** @param {string | undefined} text */
function say(text) {
  if (!problem) return;
  problem.textContent = text ?? '';
  problem.hidden = !text;
}

/** @param {boolean} now */
function busy(now) {
  button?.classList.toggle('busy', now);
  button?.setAttribute('aria-disabled', String(now));
}
