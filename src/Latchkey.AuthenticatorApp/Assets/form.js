// @ts-check
/**
 * What stands in a form's fields as it is sent, by their names. Secrets do not stay in the page.
 * @param {HTMLFormElement} form
 */
export function take(form) {
  const fields = Object.fromEntries(new FormData(form));
  for (const secret of form.querySelectorAll('input[type=password]')) /** @type {HTMLInputElement} */ (secret).value = '';
  return fields;
}
