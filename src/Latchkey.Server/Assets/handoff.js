// @ts-check
// Waits until the passkey the Authenticator makes is on the server.
import { tellsCapabilities } from './webauthn.js';

// What only the page can find out about this device: a tablet that asks for desktop pages, a browser too old to tell what it is capable of.
const thisDevice = /** @type {HTMLAnchorElement | null} */ (document.getElementById('this-device'));
if (thisDevice) thisDevice.search = `?touch=${navigator.maxTouchPoints > 1 ? 1 : 0}&capabilities=${tellsCapabilities() ? 1 : 0}`;

const waiting = /** @type {HTMLElement} */ (document.getElementById('waiting'));
const said = /** @type {HTMLElement} */ (waiting.lastElementChild);
const text = said.textContent;

for (let failures = 0; ;) {
  try {
    const response = await fetch(waiting.dataset.status ?? '', { headers: { Accept: 'application/json' }, redirect: 'error' });
    if (response.status === 200) {
      location.assign((await response.json()).next);
      break;
    }
    if (response.status === 404 || response.status === 401) {
      location.reload();
      break;
    }
    if (response.status !== 204) throw new Error(String(response.status));
    failures = 0;
    said.textContent = text;
  } catch {
    said.textContent = waiting.dataset.offline ?? '';
    await new Promise((done) => setTimeout(done, Math.min(10000, 1000 * 2 ** failures++)));
  }
}
