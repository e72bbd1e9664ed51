// @ts-check
// Waits until the request is answered in the Authenticator, and goes on by itself.
const finish = /** @type {HTMLFormElement | null} */ (document.getElementById('finish'));
const waiting = document.getElementById('waiting');
const seconds = document.getElementById('seconds');

if (finish) finish.requestSubmit();

if (seconds) {
  const until = performance.now() + Number(seconds.dataset.seconds) * 1000;
  setInterval(() => {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    seconds.textContent = (seconds.dataset.text ?? '').replace('{0}', String(left));
  }, 1000);
}

if (waiting) {
  const said = /** @type {HTMLElement} */ (waiting.lastElementChild);
  const text = said.textContent;
  for (let failures = 0; ;) {
    try {
      const response = await fetch(waiting.dataset.status ?? '', { headers: { Accept: 'application/json' }, redirect: 'error' });
      if (response.status === 404 || response.status === 401 || (response.ok && !(await response.json()).pending)) {
        location.reload();
        break;
      }
      if (!response.ok) throw new Error(String(response.status));
      failures = 0;
      said.textContent = text;
    } catch {
      said.textContent = waiting.dataset.offline ?? '';
      await new Promise((done) => setTimeout(done, Math.min(5000, 500 * 2 ** failures++)));
    }
  }
}
