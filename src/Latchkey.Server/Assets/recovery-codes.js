// @ts-check
// Codes that are shown once: copied and printed by a press. (Downloading needs no script.)

const codes = [...document.querySelectorAll('#codes li')].map((line) => line.textContent?.trim() ?? '');
const copy = /** @type {HTMLButtonElement | null} */ (document.getElementById('copy-codes'));
const print = /** @type {HTMLButtonElement | null} */ (document.getElementById('print-codes'));
const said = document.getElementById('copied');

if (copy) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    let text = copy.dataset.copied;
    try {
      await navigator.clipboard.writeText(codes.join('\n'));
    } catch {
      text = copy.dataset.notCopied;
    }
    if (said) said.textContent = text ?? '';
  });
}

if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
