// @ts-check
// The camera: sees the computer's screen, and offers the link of a passkey's QR code.
import { readCode } from "./qr-reader.js";

const view = /** @type {HTMLVideoElement} */ (document.getElementById("view"));
const link = /** @type {HTMLElement} */ (document.getElementById("link"));
const says = /** @type {HTMLElement} */ (document.getElementById("camera-says"));

/** @type {string | null} */
let found = null;
/** @type {MediaStream | null} */
let sight = null;

export function close() {
  for (const track of sight?.getTracks() ?? []) track.stop();
  sight = null;
  view.srcObject = null;
}

export async function look() {
  close();
  found = null;
  link.hidden = true;
  says.textContent = "";
  /** @type {MediaStream} */
  let mine;
  try {
    mine = sight = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 8 }, audio: false });
  } catch {
    says.textContent = "The camera was not allowed to see the screen. Open it again and choose the screen with the code.";
    return;
  }

  says.textContent = "Point the camera at the code on the computer.";
  view.srcObject = mine;
  await view.play();
  while (sight === mine && !found) {
    const text = await readCode(view, view.videoWidth, view.videoHeight);
    if (text?.toUpperCase().startsWith("FIDO:/")) {
      found = text;
      link.hidden = false;
      says.textContent = "A computer asks for a passkey.";
    } else {
      await new Promise(resolve => setTimeout(resolve, 250));
    }
  }
}

link.addEventListener("click", () => fetch("open", { method: "POST", body: found ?? "" }));
