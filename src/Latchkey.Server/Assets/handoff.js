// @ts-check
// Waits until the passkey the Authenticator makes is on the server.
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

export {};
