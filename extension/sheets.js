// @ts-check
// The frames that stand over pages. Each is a page of this extension and finds its request by a token that is good once: a page of anybody's
// that shows the same frame has none, and sees nothing in it.

/** @type {Map<string, {tab: number, opened: (sheet: any) => void}>} Those that are on their way. */
const expected = new Map();

/** @type {Set<any>} Those that are there. */
const open = new Set();

/** @returns {boolean} Whether a person has something of ours before them. */
export const isAnyOpen = () => expected.size + open.size > 0;

/** @param {any} port of a request @param {(sheet: any) => void} opened Hears the frame's own port. @returns {string} the token */
export function expectSheet(port, opened) {
  const token = crypto.randomUUID();
  expected.set(token, { tab: port.sender.tab?.id, opened });
  port.onDisconnect.addListener(() => expected.delete(token));
  return token;
}

/** @param {any} port @returns {boolean} Whether it comes from a page of this extension. */
export const isSheet = port => new URL(port.sender.url ?? 'about:blank').origin === self.location.origin;

/** @param {any} sheet the port of a frame */
export function admitSheet(sheet) {
  const due = expected.get(sheet.name);
  if (!due || due.tab !== sheet.sender.tab?.id) return sheet.disconnect();
  expected.delete(sheet.name);
  open.add(sheet);
  sheet.onDisconnect.addListener(() => open.delete(sheet));
  due.opened(sheet);
}
