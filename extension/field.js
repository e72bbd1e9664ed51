// @ts-check
// The Authenticator's list at the field that a page has marked with autocomplete="webauthn". It opens when a person acts there, and on
// nothing a script can do; and it opens in the same way whether there is a passkey or none.

/** In pixels: the same with one account, many, or none. */
const LIST_HEIGHT = 176, LIST_LEAST_WIDTH = 288, LIST_MOST_WIDTH = 480;

/** @param {EventTarget | null | undefined} target @returns {target is HTMLInputElement | HTMLTextAreaElement} */
const isPasskeyField = target => (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)
  && (target.getAttribute('autocomplete') ?? '').toLowerCase().split(/\s+/).includes('webauthn');

/** @returns {Element | null} What has the focus, whosever shadow root it is in. */
function focusedElement() {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
}

/**
 * @param {() => void} wanted A person is in the field, and no list is there. @param {() => void} closed The list is gone again.
 * @returns {{show(token: string): void, leave(): void, hide(): void, close(): void}}
 */
function listAtField(wanted, closed) {
  /** @type {HTMLElement | null} Where the person is. */ let field = null;
  /** @type {HTMLElement | null} Where they acted last. */ let last = null;
  /** @type {{frame: HTMLIFrameElement, mounted: ReturnType<typeof mount>} | null} */ let shown = null;
  const whole = new AbortController();
  const listening = { capture: true, signal: whole.signal };

  // A script can give a field the focus, and the browser calls that event trusted. A press and a key it can't make.
  document.addEventListener('click', event => want(event), listening);
  document.addEventListener('keyup', event => { if (event.key === 'Tab') want(event); }, listening);
  window.addEventListener('keydown', onKey, listening);
  // Where the focus has gone is known once it is there.
  for (const turned of ['focusin', 'focusout']) document.addEventListener(turned, () => setTimeout(look), listening);
  for (const moved of ['scroll', 'resize']) window.addEventListener(moved, place, listening);

  /** @param {Event} event */
  function want(event) {
    const target = event.composedPath()[0];
    if (!event.isTrusted || field || !isPasskeyField(target)) return;
    field = last = target;
    wanted();
  }

  function look() {
    if (field && focusedElement() !== field && document.activeElement !== shown?.mounted.host) hide();
  }

  /** Above the field, since the browser's own list comes below it; below where there is no room. */
  function place() {
    if (!shown || !field) return;
    const at = field.getBoundingClientRect();
    const width = Math.max(LIST_LEAST_WIDTH, Math.min(at.width, LIST_MOST_WIDTH));
    const above = at.top - LIST_HEIGHT - 6;
    const { style } = shown.frame;
    style.setProperty('left', `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`, 'important');
    style.setProperty('top', `${above >= 0 ? above : at.bottom + 6}px`, 'important');
    style.setProperty('width', `${width}px`, 'important');
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!event.isTrusted) return;
    if (event.key === 'ArrowDown' && !shown) return want(event);
    if (!shown || event.key !== 'Escape' && event.key !== 'ArrowDown') return;
    // What else is typed is the field's.
    if (event.key === 'Escape') hide();
    else shown.frame.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  function hide() {
    if (!field) return;
    const was = shown;
    shown = field = null;
    was?.mounted.close();
    closed();
  }

  return {
    show(token) {
      if (!field || shown) return;
      const frame = frameOf(token, `position: fixed !important; inset: auto !important; margin: 0 !important; padding: 0 !important; height: ${LIST_HEIGHT}px !important;`);
      frame.setAttribute('popover', 'manual');
      shown = { frame, mounted: mount(document, frame, hide) };
      place();
      frame.showPopover();
    },
    leave() { last?.focus(); },
    hide,
    close() {
      whole.abort();
      hide();
    },
  };
}
