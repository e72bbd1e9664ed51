// @ts-check
/**
 * Has the browser save what was made here.
 * @param {string} name
 * @param {{ arrayBuffer(): Promise<ArrayBuffer> }} stream
 */
export async function save(name, stream) {
  const address = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * Whether a file is chosen.
 * @param {HTMLInputElement} input
 */
export function has(input) {
  return input.files?.length === 1;
}

/**
 * The file that is chosen.
 * @param {HTMLInputElement} input
 * @returns {File | undefined}
 */
export function fileIn(input) {
  return input.files?.[0];
}
