// @ts-check
/**
 * Tells, every few seconds at most, that somebody is at this window: that a key or the pointer was touched, and nothing about which.
 * @param {{ invokeMethodAsync(name: string): Promise<unknown> }} frame
 */
export function watch(frame) {
  let told = 0;
  const tell = () => {
    if (Date.now() - told < 5000) return;
    told = Date.now();
    // The program may be gone: then the page says so in its own way.
    frame.invokeMethodAsync("Active").catch(() => {});
  };
  for (const type of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(type, tell, { passive: true, capture: true });
}
