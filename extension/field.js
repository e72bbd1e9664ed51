// @ts-check
// The Authenticator's accounts at the field that a page has marked with autocomplete="webauthn".

/** @param {EventTarget | null | undefined} target @returns {target is HTMLInputElement | HTMLTextAreaElement} */
const isPasskeyField = target => (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)
  && (target.getAttribute('autocomplete') ?? '').toLowerCase().split(/\s+/).includes('webauthn');

/**
 * @param {(credentialId: string | undefined) => void} choose Without an ID: the person chooses in the Authenticator.
 * @returns {{show(accounts: {credentialId: string, userName: string, userDisplayName: string}[], isLocked: boolean): void, close(): void}}
 */
function offerInField(choose) {
  /** @type {{credentialId?: string, title: string, second: string}[]} */ let offered = [];
  /** @type {{list: HTMLElement, field: HTMLElement, mounted: ReturnType<typeof mount>} | null} */ let shown = null;
  const whole = new AbortController();
  const listening = { capture: true, signal: whole.signal };

  document.addEventListener('focusin', event => openAt(event.composedPath()[0]), listening);
  document.addEventListener('focusout', event => { if (shown && event.relatedTarget !== shown.mounted.host) hide(); }, listening);
  document.addEventListener('click', event => openAt(event.composedPath()[0]), listening);
  window.addEventListener('keydown', onKey, listening);
  for (const moved of ['scroll', 'resize']) window.addEventListener(moved, place, listening);

  /** @param {EventTarget | null | undefined} field */
  function openAt(field) {
    if (shown || offered.length === 0 || !isPasskeyField(field)) return;
    const list = element('div', { class: 'list', popover: 'manual', role: 'group', 'aria-label': say('fieldTitle') },
      element('div', { class: 'title' }, say('fieldTitle')),
      ...offered.map(account => {
        const button = element('button', { type: 'button' }, mark(), element('span', { class: 'names' },
          element('span', {}, account.title), ...account.second ? [element('span', { class: 'second' }, account.second)] : []));
        // The field keeps the focus of whoever uses a mouse, so that the list is still there for the click.
        button.addEventListener('mousedown', event => event.preventDefault());
        button.addEventListener('click', event => {
          if (!event.isTrusted) return;
          hide();
          choose(account.credentialId);
        });
        return button;
      }));
    const heard = element('div', { class: 'heard', role: 'status' });
    shown = { list, field, mounted: mount(document, [list, heard], () => { shown = null; }) };
    list.showPopover();
    place();
    heard.textContent = offered.length === 1 ? say('fieldOne') : say('fieldMany', String(offered.length));
  }

  /** Above the field, since the browser's own list comes below it; below where there is no room. */
  function place() {
    if (!shown) return;
    const { list, field } = shown;
    const at = field.getBoundingClientRect();
    const above = at.top - list.offsetHeight - 6;
    list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${above >= 0 ? above : at.bottom + 6}px`;
    list.style.width = `${Math.min(at.width, 480)}px`;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!shown || !event.isTrusted) return;
    const { list, field, mounted } = shown;
    const root = /** @type {ShadowRoot} */ (list.getRootNode());
    const buttons = [...list.querySelectorAll('button')];
    const now = buttons.indexOf(/** @type {any} */ (root.activeElement));
    if (event.key === 'Escape') {
      field.focus();
      hide();
    } else if (event.key === 'ArrowDown') {
      buttons[Math.min(now + 1, buttons.length - 1)].focus();
    } else if (event.key === 'ArrowUp' && now >= 0) {
      (now > 0 ? buttons[now - 1] : field).focus();
    } else {
      // What is typed is the field's; Return on a button is the button's.
      if (event.target === mounted.host) event.stopPropagation();
      return;
    }

    event.preventDefault();
    event.stopPropagation();
  }

  function hide() {
    const was = shown;
    shown = null;
    was?.mounted.close();
  }

  return {
    show(accounts, isLocked) {
      const before = JSON.stringify(offered);
      offered = accounts.map(({ credentialId, userName, userDisplayName }) => {
        const title = tame(userName) || tame(userDisplayName);
        return { credentialId, title, second: tame(userDisplayName) === title ? '' : tame(userDisplayName) };
      });
      if (offered.length === 0 && isLocked) offered = [{ title: say('fieldLocked'), second: '' }];
      // Whoever is in the list stays in it, unless it is another list by now.
      if (JSON.stringify(offered) === before) return;
      if (shown && document.activeElement === shown.mounted.host) shown.field.focus();
      hide();
      let focused = document.activeElement;
      while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
      openAt(focused);
    },
    close() {
      whole.abort();
      hide();
    },
  };
}
