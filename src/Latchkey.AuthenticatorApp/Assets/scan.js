// Looks for a QR code with the camera, on the screen or in a picture file. The pictures stay in this page; only the code's text goes on.
import { readCode } from "./qr-reader.js";

/** @type {MediaStream | null} */
let sight = null;
// Each look has a number: what an earlier one still finds is nobody's any more.
let look = 0;

/**
 * Looks until a code is seen, or stop() is called. Tells CodeRead(text), or LookEnded(why): "denied", "missing", "ended" or "failed".
 * @param {{ invokeMethodAsync(name: string, ...values: unknown[]): Promise<unknown> }} page
 * @param {HTMLVideoElement} view shows what is seen
 * @param {"camera" | "screen"} way
 */
export async function start(page, view, way) {
  stop();
  const mine = ++look;
  try {
    if (!navigator.mediaDevices) throw new DOMException("no media devices", "NotFoundError");
    const stream = way === "camera"
      ? await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false })
      : await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 8 }, audio: false });
    if (mine !== look) {
      end(stream);
      return;
    }

    sight = stream;
    // The browser's own "Stop sharing", or the camera pulled out.
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (mine === look) {
        stop();
        page.invokeMethodAsync("LookEnded", "ended");
      }
    });
    view.srcObject = stream;
    await view.play();
  } catch (e) {
    if (mine === look) {
      stop();
      const name = e instanceof DOMException ? e.name : "";
      await page.invokeMethodAsync("LookEnded", name === "NotAllowedError" ? "denied" : name === "NotFoundError" ? "missing" : "failed");
    }
    return;
  }

  while (mine === look) {
    const text = await readCode(view, view.videoWidth, view.videoHeight);
    if (mine !== look) return;
    if (text) {
      stop();
      view.srcObject = null;
      await page.invokeMethodAsync("CodeRead", text);
      return;
    }

    await new Promise(resolve => setTimeout(resolve, 150));
  }
}

/**
 * Reads the picture the person chose.
 * @param {HTMLInputElement} input
 * @returns {Promise<string | null>} what the code says; null when the picture has none; "" when it is no picture
 */
export async function readPicture(input) {
  const file = input.files?.[0];
  input.value = "";
  if (!file) return null;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return "";
  }

  try {
    return await readCode(picture, picture.width, picture.height);
  } finally {
    picture.close();
  }
}

/** Camera and screen are let go at once. */
export function stop() {
  look++;
  if (sight) end(sight);
  sight = null;
}

/** @param {MediaStream} stream */
function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** The keyboard and the screen reader go where the page has gone, unless the person was faster. */
export function focusHeading() {
  if (!document.querySelector("[aria-modal], main :focus")) document.querySelector("main h1")?.focus();
}

addEventListener("pagehide", stop);
