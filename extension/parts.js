// @ts-check
// What question and list are made of.

/** @param {string} name @param {...string} values @returns {string} */
export const say = (name, ...values) => chrome.i18n.getMessage(name, values);

/** @param {unknown} text from a page or a passkey: nobody's text reverses ours or fills the screen. @returns {string} */
export const tame = text => {
  const plain = String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return plain.length > 64 ? plain.slice(0, 63) + '…' : plain;
};

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, string>} [attributes] @param {...(Node | string)} content */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** @returns {SVGElement} The product's own mark. */
export function mark() {
  /** @param {string} tag @param {Record<string, string>} attributes @param {...Node} content */
  const svg = (tag, attributes, ...content) => {
    const made = /** @type {SVGElement} */ (document.createElementNS('http://www.w3.org/2000/svg', tag));
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...content);
    return made;
  };
  return svg('svg', { viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    svg('rect', { width: '32', height: '32', rx: '9' }),
    svg('g', {}, svg('circle', { cx: '12', cy: '13', r: '4.6' }), svg('path', { d: 'm15.4 16.3 8.1 8.1M20.4 21.3l2.6-2.6' })));
}

/** How long something has to be seen before a press counts, in milliseconds: a click or key that was meant for the page is over by then. */
const SEEN = 500;

/**
 * Guards what is pressed against a page that covers it, makes it transparent or moves it under the pointer: a press counts once a person has
 * had the whole of it before them. Where the browser does not tell (Firefox), it counts after the same time.
 * @param {HTMLElement} whole what has to be seen @returns {{button(made: HTMLButtonElement, pressed: () => void): HTMLButtonElement}}
 */
export function guard(whole) {
  /** @type {HTMLButtonElement[]} */ const buttons = [];
  let isArmed = false;
  /** @type {any} */ let timer;
  /** @param {boolean} isSeen */
  function see(isSeen) {
    clearTimeout(timer);
    if (isSeen) timer = setTimeout(() => arm(true), SEEN);
    else arm(false);
  }

  /** @param {boolean} may */
  function arm(may) {
    isArmed = may;
    for (const button of buttons) button.setAttribute('aria-disabled', String(!may));
  }

  if ('isVisible' in IntersectionObserverEntry.prototype) {
    const watch = new IntersectionObserver(
      entries => { const last = /** @type {any} */ (entries[entries.length - 1]); see(last.isVisible && last.intersectionRatio > .5); },
      /** @type {any} */ ({ trackVisibility: true, delay: 100, threshold: [0, .25, .51, .75, 1] }));
    watch.observe(whole);
  } else {
    see(true);
  }

  return {
    button(made, pressed) {
      buttons.push(made);
      made.setAttribute('aria-disabled', String(!isArmed));
      made.addEventListener('click', event => { if (event.isTrusted && isArmed) pressed(); });
      return made;
    },
  };
}
