// @ts-check
// Whether one of the person's passkeys works: a real request for it and no other, which signs nobody in and proves nothing else.
import { canUsePasskeys, post, requestOptions, toJson } from './webauthn.js';

let testing = false;

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-act="test"]') : null;
  const line = /** @type {HTMLElement | null} */ (button?.closest('[data-passkey]') ?? null);
  if (line && canUsePasskeys()) test(line);
});

/** @param {HTMLElement} line */
async function test(line) {
  if (testing) return;
  testing = true;
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
    if (!begun.ok) return say(wordsOf(begun, texts.offline), 'bad');
    let credential;
    try {
      credential = await navigator.credentials.get({ publicKey: requestOptions(begun.data) });
    } catch {
      return say(texts.notShown, 'bad');
    }
    const answer = await post(address, toJson(credential));
    say(answer.ok ? texts.works : wordsOf(answer, texts.offline), answer.ok ? 'good' : 'bad');
  } finally {
    testing = false;
  }
}

/** @param {import('./webauthn.js').Answer} answer @param {string | undefined} otherwise */
const wordsOf = (answer, otherwise) => answer.data?.title ? `${answer.data.title} ${answer.data.detail ?? ''}` : otherwise;
