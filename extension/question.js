// @ts-check
// The question before a request goes to the Authenticator, what is shown while the person is there, and what to do when it did not work.

import { element, guard, mark, say, tame } from './parts.js';

/** @type {HTMLElement | null} */ let dialog = null;
let site = '';

/** @param {any} message what to show, from the worker @param {(message: any) => void} tell */
export function showQuestion(message, tell) {
  const isFirst = !dialog;
  dialog ??= element('div', { class: 'dialog', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'title', 'aria-describedby': 'lead' });
  const cancel = () => tell({ type: 'cancel' });
  if (isFirst) {
    document.body.append(element('div', { class: 'over' }, dialog));
    document.addEventListener('keydown', event => { if (event.isTrusted && event.key === 'Escape') cancel(); });
  }

  site = message.site ?? site;
  const guarded = guard(dialog);
  /** @param {string} label @param {() => void} pressed @param {string} [look] */
  const button = (label, pressed, look = '') => guarded.button(element('button', { type: 'button', class: look }, label), pressed);
  /** @param {string} title @param {string} lead @param {...HTMLElement} rest */
  const fill = (title, lead, ...rest) => dialog?.replaceChildren(
    element('div', { class: 'brand' }, mark(), say('name')),
    element('h1', { id: 'title', tabindex: '-1' }, title),
    element('p', { id: 'lead', class: 'lead' }, lead),
    ...rest);
  // A no is never held up.
  const no = (/** @type {string} */ label, look = '') => {
    const made = element('button', { type: 'button', class: look }, label);
    made.addEventListener('click', event => { if (event.isTrusted) cancel(); });
    return made;
  };
  const actions = (/** @type {HTMLElement[]} */ ...buttons) => element('div', { class: 'actions' }, ...buttons);
  const another = (look = '') => button(say('anotherWay'), () => tell({ type: 'anotherWay' }), look);

  if (message.type === 'question' && message.isNone) {
    fill(say('noneTitle'), say('noneLead', site), actions(another('first'), no(say('cancel'))));
  } else if (message.type === 'question') {
    const isNew = message.kind === 'create';
    fill(say(isNew ? 'saveTitle' : 'signInTitle'), isNew ? say('saveLead', site, tame(message.user)) : say('signInLead', site),
      actions(button(say(isNew ? 'save' : 'continue'), () => tell({ type: 'go' }), 'first'), another(), no(say('cancel'))));
  } else if (message.type === 'advice') {
    // Closing it is the end.
    fill(say('adviceTitle'), message.advice, actions(no(say('close'), 'first')));
  } else {
    const [title, lead] = message.type === 'waiting' ? [say('waitingTitle'), say('waitingLead', site)] : [say('progressTitle'), say('progressLead')];
    fill(title, lead, element('div', { class: 'bar', role: 'progressbar', 'aria-labelledby': 'title' }), actions(no(say('cancel'))));
    /** @type {HTMLElement} */ (dialog.querySelector('h1')).focus();
    return;
  }

  /** @type {HTMLElement} */ (dialog.querySelector('.first')).focus();
}
