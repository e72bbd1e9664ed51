// @ts-check
// The question before a request goes to the Authenticator, what is shown while the person is there, and what to do when it did not work.

/**
 * @param {'create' | 'get'} kind @param {any} options
 * @returns {{choice: Promise<'go' | 'anotherWay' | 'cancel'>, cancelled: Promise<void>, showProgress(): void, showAdvice(advice: string): void, close(): void}}
 */
function openPrompt(kind, options) {
  const dialog = /** @type {HTMLDialogElement} */ (element('dialog', { 'aria-labelledby': 'title', 'aria-describedby': 'lead' }));
  /** @type {(choice: 'go' | 'anotherWay' | 'cancel') => void} */ let choose = () => {};
  /** @type {() => void} */ let cancel = () => {};
  /** @type {Promise<'go' | 'anotherWay' | 'cancel'>} */
  const choice = new Promise(resolve => { choose = resolve; });
  /** @type {Promise<void>} */
  const cancelled = new Promise(resolve => { cancel = resolve; });
  const giveUp = () => { choose('cancel'); cancel(); };
  /** @type {ReturnType<typeof mount> | null} */ let mounted = null;

  dialog.addEventListener('cancel', event => { event.preventDefault(); giveUp(); });

  /** @param {string} label @param {() => void} pressed @param {string} [look] */
  function button(label, pressed, look = '') {
    const made = element('button', { type: 'button', class: look }, label);
    // A page can send events, but none that the browser calls trusted.
    made.addEventListener('click', event => { if (event.isTrusted) pressed(); });
    return made;
  }

  /** @param {string} title @param {string} lead @param {...HTMLElement} rest */
  function fill(title, lead, ...rest) {
    dialog.replaceChildren(
      element('div', { class: 'brand' }, mark(), say('name')),
      element('h1', { id: 'title', tabindex: '-1' }, title),
      element('p', { id: 'lead', class: 'lead' }, lead),
      ...rest);
  }

  function open() {
    if (mounted) return;
    mounted = mount(roomiest(), [dialog], giveUp);
    dialog.showModal();
  }

  const site = new URL(self.origin).host;
  const first = button(say(kind === 'create' ? 'save' : 'continue'), () => choose('go'), 'first');
  const actions = element('div', { class: 'actions' }, first, button(say('anotherWay'), () => choose('anotherWay')), button(say('cancel'), giveUp));

  return {
    get choice() {
      if (!mounted) {
        fill(say(kind === 'create' ? 'saveTitle' : 'signInTitle'), kind === 'create' ? say('saveLead', site, tame(options.user.name)) : say('signInLead', site), actions);
        open();
        first.focus();
      }

      return choice;
    },
    cancelled,
    showProgress() {
      fill(say('progressTitle'), say('progressLead'), element('div', { class: 'bar', role: 'progressbar', 'aria-labelledby': 'title' }),
        element('div', { class: 'actions' }, button(say('cancel'), giveUp)));
      open();
      /** @type {HTMLElement} */ (dialog.querySelector('h1')).focus();
    },
    /** What the person can do about it; closing it is the end. */
    showAdvice(advice) {
      const close = button(say('close'), giveUp, 'first');
      fill(say('adviceTitle'), advice, element('div', { class: 'actions' }, close));
      open();
      close.focus();
    },
    close() { mounted?.close(); },
  };
}
