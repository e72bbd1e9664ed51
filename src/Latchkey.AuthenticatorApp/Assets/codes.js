// @ts-check
/**
 * Puts a code where it can be pasted from.
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser allowed it
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The keyboard stays with what it moved; where that can go no further, with the way back.
 * @param {string[]} ids the elements, the wanted one first
 */
export function focusFirst(ids) {
  for (const id of ids) {
    const element = /** @type {HTMLButtonElement | null} */ (document.getElementById(id));
    if (element && !element.disabled) {
      element.focus();
      return;
    }
  }
}
