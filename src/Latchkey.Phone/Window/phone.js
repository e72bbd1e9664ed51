// @ts-check
// Draws what the phone says that it shows, and tells it what the person does. Each app's own drawing is in a file of its name.
import { close as closeCamera, look } from "./camera.js";
import { draw as drawSettings } from "./settings.js";
import { draw as drawSheet } from "./sheet.js";
import { show as showBrowser } from "./browser.js";

/** @param {string} id @returns {HTMLElement} */
const place = id => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} path */
const tell = path => fetch(path, { method: "POST" });

const apps = ["home", "camera", "browser", "settings", "authenticator"];
let shown = "";

/** @param {any} view */
function draw(view) {
  place("system").textContent = view.profiles.length > 1 ? `${view.system} · ${view.profile}` : view.system;
  document.title = `Virtual phone (${view.system})`;
  for (const app of apps) place(app).hidden = app !== view.app;
  drawProfiles(view);
  drawAuthenticator(view);
  drawSettings(place("settings"), view);
  drawSheet(/** @type {HTMLDialogElement} */ (place("sheet")), view.sheet);

  const now = `${view.app} ${view.profile}`;
  if (now === shown) return;
  shown = now;
  if (view.app === "camera") look(); else closeCamera();
  if (view.app === "browser") showBrowser(view.profile);
}

/** @param {any} view */
function drawProfiles(view) {
  place("profiles").replaceChildren(...(view.profiles.length < 2 ? [] : view.profiles.map((/** @type {string} */ profile) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = profile === "work" ? "Work" : "Personal";
    button.setAttribute("aria-pressed", String(profile === view.profile));
    button.addEventListener("click", () => tell(`show/${profile}/home`));
    return button;
  })));
}

/** Each profile's Authenticator keeps its frame: an app does not begin anew because another was looked at. @param {any} view */
function drawAuthenticator(view) {
  const all = place("authenticator");
  let mine = /** @type {HTMLIFrameElement | null} */ (all.querySelector(`iframe[name="${view.profile}"]`));
  if (!mine && view.authenticator) {
    mine = document.createElement("iframe");
    mine.name = view.profile;
    mine.title = "Authenticator";
    mine.src = view.authenticator;
    all.append(mine);
  }
  for (const frame of all.querySelectorAll("iframe")) frame.hidden = frame !== mine;
}

for (const button of document.querySelectorAll("[data-app]")) {
  button.addEventListener("click", () => tell(`show/${current.profile}/${/** @type {HTMLElement} */ (button).dataset.app}`));
}

/** @type {any} */
let current = { profile: "personal" };
new EventSource("view").addEventListener("message", event => draw(current = JSON.parse(event.data)));
