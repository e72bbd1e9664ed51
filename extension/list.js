// @ts-check
// The accounts at a field.

import { element, guard, mark, say, tame } from './parts.js';

/** @param {any} message what there is, from the worker @param {(message: any) => void} tell */
export function showList({ accounts, isLocked }, tell) {
  /** @type {{credentialId?: string, title: string, second: string}[]} */
  const offered = accounts.map((/** @type {any} */ { credentialId, userName, userDisplayName }) => {
    const title = tame(userName) || tame(userDisplayName);
    return { credentialId, title, second: tame(userDisplayName) === title ? '' : tame(userDisplayName) };
  });
  if (offered.length === 0 && isLocked) offered.push({ title: say('fieldLocked'), second: '' });
  const list = element('div', { class: 'list', role: 'group', 'aria-label': say('fieldTitle') }, element('div', { class: 'title' }, say('fieldTitle')));
  const guarded = guard(list);
  /** @type {HTMLElement[]} */
  const stops = offered.map(account => guarded.button(element('button', { type: 'button' }, mark(), element('span', { class: 'names' },
    element('span', {}, account.title), ...account.second ? [element('span', { class: 'second' }, account.second)] : [])),
  () => tell({ type: 'go', credentialId: account.credentialId })));
  if (stops.length === 0) stops.push(element('p', { class: 'none', tabindex: '-1' }, say('fieldNone')));
  const heard = element('div', { class: 'heard', role: 'status' });
  list.append(...stops);
  document.body.replaceChildren(list, heard);
  heard.textContent = offered.length === 0 ? say('fieldNone') : offered.length === 1 ? say('fieldOne') : say('fieldMany', String(offered.length));

  // The arrow keys lead in from the field, and out again.
  window.addEventListener('focus', () => { if (!list.contains(document.activeElement)) stops[0].focus(); });
  if (document.hasFocus()) stops[0].focus();
  document.addEventListener('keydown', event => {
    if (!event.isTrusted) return;
    const now = stops.indexOf(/** @type {any} */ (document.activeElement));
    if (event.key === 'Escape') tell({ type: 'cancel' });
    else if (event.key === 'ArrowDown') stops[Math.min(now + 1, stops.length - 1)].focus();
    else if (event.key === 'ArrowUp' && now > 0) stops[now - 1].focus();
    else if (event.key === 'ArrowUp') tell({ type: 'leave' });
    else return;
    event.preventDefault();
  });
}
