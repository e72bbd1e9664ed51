// @ts-check
// Whether one of the person's passkeys works: a real request for it and no other, which signs nobody in and proves nothing else.
import { canUsePasskeys, post, requestOptions, toJson } from './webauthn.js';

/** The test that waits for the person: a press for another takes its place. @type {AbortController | null} */
let pending = null;

offer('test');
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-act="test"]') : null;
  const line = /** @type {HTMLElement | null} */ (button?.closest('[data-passkey]') ?? null);
  if (line) test(line);
});

/** Shows the buttons for something only a script can do: they are not there before it can. @param {string} act */
export function offer(act) {
  if (!canUsePasskeys()) return;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-act="${act}"]`))) button.hidden = false;
}

/** @param {HTMLElement} line */
async function test(line) {
  pending?.abort();
  const controller = pending = new AbortController();
  const texts = line.dataset;
  const said = /** @type {HTMLElement} */ (line.querySelector('.said'));
  const say = (/** @type {string | undefined} */ text, /** @type {string} */ kind) => {
    said.textContent = text ?? '';
    said.className = 'said ' + kind;
  };
  say(texts.testing, '');
  try {
    const address = `/security-info/passkeys/${texts.passkey}/test`;
    const begun = await post(address + '/options');
    if (controller.signal.aborted) return say('', '');
    if (!begun.ok) return say(wordsOf(begun, texts.offline), 'bad');
    let credential;
    try {
      credential = await navigator.credentials.get({ publicKey: requestOptions(begun.data), signal: controller.signal });
    } catch {
      return controller.signal.aborted ? say('', '') : say(texts.notShown, 'bad');
    }
    const answer = await post(address, toJson(credential));
    say(answer.ok ? texts.works : wordsOf(answer, texts.offline), answer.ok ? 'good' : 'bad');
  } finally {
    if (pending === controller) pending = null;
  }
}

/** @param {import('./webauthn.js').Answer} answer @param {string | undefined} otherwise */
const wordsOf = (answer, otherwise) => answer.data?.title ? `${answer.data.title} ${answer.data.detail ?? ''}` : otherwise;
