// @ts-check
// The phone's browser as it comes: pictures onto the canvas, touches and keys back.

const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("page"));
const address = /** @type {HTMLInputElement} */ (document.getElementById("address"));
/** @type {WebSocket | null} */
let socket = null;
/** Key codes of the keys that are not text. @type {Record<string, number>} */
const keys = { Enter: 13, Backspace: 8, Tab: 9, Escape: 27, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Delete: 46 };

/** @param {string} profile */
export function show(profile) {
  socket?.close();
  socket = new WebSocket(new URL(`browser/${profile}`, location.href).href.replace("http", "ws"));
  socket.binaryType = "blob";
  const mine = socket;
  mine.addEventListener("message", async event => {
    if (typeof event.data === "string") {
      address.value = JSON.parse(event.data).address;
      return;
    }
    const picture = await createImageBitmap(event.data);
    if (mine !== socket) return;
    if (canvas.width !== picture.width || canvas.height !== picture.height) [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    picture.close();
  });
}

/** @param {object} act */
const tell = act => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(act));

/** @param {MouseEvent} event */
function spot(event) {
  const box = canvas.getBoundingClientRect();
  return { x: (event.clientX - box.left) * canvas.width / box.width, y: (event.clientY - box.top) * canvas.height / box.height };
}

let down = false;
canvas.addEventListener("pointerdown", event => { down = true; canvas.setPointerCapture(event.pointerId); canvas.focus(); tell({ do: "touch", phase: "touchStart", ...spot(event) }); });
canvas.addEventListener("pointermove", event => { if (down) tell({ do: "touch", phase: "touchMove", ...spot(event) }); });
canvas.addEventListener("pointerup", event => { down = false; tell({ do: "touch", phase: "touchEnd", ...spot(event) }); });
canvas.addEventListener("wheel", event => { event.preventDefault(); tell({ do: "scroll", ...spot(event), by: event.deltaY }); }, { passive: false });
canvas.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in keys) tell({ do: "key", key: event.key, number: keys[event.key] });
  else if (event.key.length === 1) tell({ do: "type", text: event.key });
  else return;
  event.preventDefault();
});
document.getElementById("address-bar")?.addEventListener("submit", event => {
  event.preventDefault();
  const text = address.value.trim();
  tell({ do: "open", address: text.includes("://") ? text : `https://${text}` });
});
document.getElementById("browser-back")?.addEventListener("click", () => tell({ do: "back" }));
