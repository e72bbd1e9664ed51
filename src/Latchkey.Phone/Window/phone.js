// The phone's three places: home, the camera that sees the computer's screen, and the Authenticator in a frame.
import { readCode } from "./qr-reader.js";

/** @param {string} id @returns {HTMLElement} */
const place = id => /** @type {HTMLElement} */ (document.getElementById(id));
const view = /** @type {HTMLVideoElement} */ (place("view"));
const frame = /** @type {HTMLIFrameElement} */ (place("authenticator"));
const link = place("link");
const says = place("camera-says");

const { system, authenticator } = await (await fetch("about")).json();
place("system").textContent = system;
document.title = `Virtual phone (${system})`;

/** @type {string | null} */
let found = null;
/** @type {MediaStream | null} */
let sight = null;

/** @param {"home" | "camera" | "authenticator"} id */
async function open(id) {
  for (const one of ["home", "camera", "authenticator"]) place(one).hidden = one !== id;
  if (id !== "camera") close();
  if (id === "camera") await look();
  if (id === "authenticator" && !frame.src) frame.src = authenticator;
}

function close() {
  for (const track of sight?.getTracks() ?? []) track.stop();
  sight = null;
  view.srcObject = null;
}

async function look() {
  found = null;
  link.hidden = true;
  try {
    sight = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 8 }, audio: false });
  } catch {
    says.textContent = "The camera was not allowed to see the screen. Open it again and choose the screen with the code.";
    return;
  }

  says.textContent = "Point the camera at the code on the computer.";
  view.srcObject = sight;
  await view.play();
  while (sight && !found) {
    const text = await readCode(view, view.videoWidth, view.videoHeight);
    if (text?.toUpperCase().startsWith("FIDO:/")) {
      found = text;
      link.hidden = false;
      says.textContent = "A computer asks for a passkey.";
      break;
    }

    await new Promise(resolve => setTimeout(resolve, 250));
  }
}

link.addEventListener("click", async () => {
  await fetch("open", { method: "POST", body: found ?? "" });
  await open("authenticator");
});
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => open(/** @type {HTMLElement} */ (button).dataset.open));
}
