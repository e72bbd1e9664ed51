// @ts-check
// Says what is missing for the way the page is on, before the browser's own window opens: what it cannot find out it does
// not mention, and only what makes every try vain takes the button away (add-passkey.js).
import { bluetoothIsThere, canUsePasskeys, reachesOtherDevices, somethingStandsBefore } from './webauthn.js';

const box = /** @type {HTMLElement | null} */ (document.getElementById('preflight'));
if (box) {
  await look(box);
  for (const changed of ['online', 'offline', 'focus']) addEventListener(changed, () => look(box));
}

/** @param {HTMLElement} notice */
async function look(notice) {
  const looksFor = new Set((notice.dataset.looksFor ?? '').split(' '));
  const missing = await whatIsMissing(looksFor);
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (notice.querySelectorAll('[data-when]'))) {
    line.hidden = !missing.has(line.dataset.when ?? '');
  }
  notice.hidden = missing.size === 0;
}

/** @param {Set<string>} looksFor @returns {Promise<Set<string>>} */
async function whatIsMissing(looksFor) {
  if (!isSecureContext) return new Set(['address']);
  if (!canUsePasskeys()) return new Set(['passkeys']);
  const missing = new Set();
  if (!navigator.onLine) missing.add('internet');
  if (looksFor.has('extension') && !somethingStandsBefore()) missing.add('extension');
  if (looksFor.has('hybrid') && await reachesOtherDevices() === false) missing.add('hybrid');
  else if (looksFor.has('bluetooth') && await bluetoothIsThere() === false) missing.add('bluetooth'); // a hint: many browsers do not say
  return missing;
}
