// @ts-check
// Inside the frame that stands over a page. What it shows and what is pressed here goes to the worker and to nobody else.

import { showList } from './list.js';
import { showQuestion } from './question.js';

/** How often it tells the worker that a person is still asked, in milliseconds: a worker that hears nothing for 30 seconds is put to sleep. */
const AWAKE = 15_000;

const token = location.hash.slice(1);
// A page that shows this frame by itself has no token, and the frame stays empty.
if (token) {
  const worker = chrome.runtime.connect({ name: token });
  const say = (/** @type {any} */ message) => worker.postMessage(message);
  worker.onMessage.addListener((/** @type {any} */ message) => message.type === 'list' ? showList(message, say) : showQuestion(message, say));
  worker.onDisconnect.addListener(() => document.body.replaceChildren());
  setInterval(() => say({ type: 'awake' }), AWAKE);
}
