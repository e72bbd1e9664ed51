// Reads a QR code out of a picture: a camera's or a screen's frame, or a file. Everything happens here; nothing is sent anywhere.
import "./jsQR.js";

/** @type {(data: Uint8ClampedArray, width: number, height: number, options: object) => { data: string } | null} */
const decode = /** @type {any} */ (globalThis).jsQR;

// Browsers draw their codes in dots. Made smaller and a little blurred, dots become the squares the decoder knows; which size does it
// depends on how large the code was drawn, so several are tried, the likeliest first.
const widths = [1280, 960, 720, 1920, 2560, 480];

const canvas = document.createElement("canvas");
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));

/**
 * @param {CanvasImageSource} picture
 * @param {number} width its size in pixels
 * @param {number} height
 * @returns {Promise<string | null>} what the code says; null when none is seen
 */
export async function readCode(picture, width, height) {
  if (!width || !height) return null;
  const tried = new Set();
  for (const target of widths) {
    const shown = Math.min(target, width);
    for (const blur of [1, 0]) {
      if (tried.has(`${shown} ${blur}`)) continue;
      tried.add(`${shown} ${blur}`);
      canvas.width = shown;
      canvas.height = Math.max(1, Math.round(height * shown / width));
      pen.imageSmoothingQuality = "high";
      pen.filter = blur ? `blur(${blur}px)` : "none";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const image = pen.getImageData(0, 0, canvas.width, canvas.height);
      const found = decode(image.data, image.width, image.height, { inversionAttempts: "attemptBoth" });
      if (found?.data) return found.data;
      // Lets the page breathe between two tries.
      await new Promise(resolve => setTimeout(resolve));
    }
  }

  return null;
}
