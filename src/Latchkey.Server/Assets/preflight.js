// @ts-check
// Says what is missing for this browser and another device to meet, before the browser's own window opens: what it cannot find out it does
// not mention, and only what makes every try vain takes the button away (add-passkey.js).
import { bluetoothIsThere, canUsePasskeys, reachesOtherDevices } from './webauthn.js';

const box = /** @type {HTMLElement | null} */ (document.getElementById('preflight'));
if (box) {
  await look(box);
  for (const changed of ['online', 'offline', 'focus']) addEventListener(changed, () => look(box));
}

/** @param {HTMLElement} notice */
async function look(notice) {
  const missing = await whatIsMissing();
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (notice.querySelectorAll('[data-when]'))) {
    line.hidden = !missing.has(line.dataset.when ?? '');
  }
  notice.hidden = missing.size === 0;
}

/** @returns {Promise<Set<string>>} */
async function whatIsMissing() {
  if (!isSecureContext) return new Set(['address']);
  if (!canUsePasskeys()) return new Set(['passkeys']);
  const missing = new Set();
  if (!navigator.onLine) missing.add('internet');
  if (await reachesOtherDevices() === false) missing.add('hybrid');
  else if (await bluetoothIsThere() === false) missing.add('bluetooth'); // a hint: many browsers do not say
  return missing;
}
