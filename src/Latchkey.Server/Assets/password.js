// @ts-check
// A way that needs passkeys, in a browser that has none: it stays where it was, cannot be chosen, and says why.
import { canUsePasskeys } from './webauthn.js';

for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('[data-needs-passkeys]'))) {
  if (canUsePasskeys()) continue;
  const why = document.createElement('p');
  why.className = 'quiet small';
  why.id = 'no-passkeys';
  why.textContent = link.dataset.needsPasskeys ?? '';
  link.removeAttribute('href');
  link.setAttribute('role', 'link');
  link.setAttribute('aria-disabled', 'true');
  link.setAttribute('aria-describedby', why.id);
  link.after(why);
}
