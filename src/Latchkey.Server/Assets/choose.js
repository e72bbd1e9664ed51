// @ts-check
// Says beforehand what this browser can and cannot do.
import { canUsePasskeys, keepsPasskeys } from './webauthn.js';

const note = document.getElementById('browser-note');
const choice = /** @type {HTMLInputElement | null} */ (document.querySelector('input[value="passkey"]'));
if (note && choice) {
  if (!canUsePasskeys()) {
    note.textContent = note.dataset.cannot ?? '';
    choice.disabled = true;
  } else if (!await keepsPasskeys()) {
    note.textContent = note.dataset.keepsNot ?? '';
  }
}
