// @ts-check
// Says beforehand what this browser can and cannot do.
import { canUsePasskeys, keepsPasskeys } from './webauthn.js';

const note = document.getElementById('browser-note');
const choice = /** @type {HTMLInputElement | null} */ (document.querySelector('input[value="passkey"]'));
if (note && choice) {
  if (!canUsePasskeys()) {
    note.textContent = note.dataset.cannot ?? '';
    choice.disabled = true;
    choice.checked = false; // as the browser may have kept it from before: a choice that is not sent
  } else if (!await keepsPasskeys()) {
    note.textContent = note.dataset.keepsNot ?? '';
  }
}
