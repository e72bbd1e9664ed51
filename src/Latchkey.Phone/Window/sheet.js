// @ts-check
// The system's sheet: what is asked, where or with what, and the passcode where the system itself wants it.

let drawn = "";

/** @param {HTMLDialogElement} sheet @param {any} question */
export function draw(sheet, question) {
  const now = JSON.stringify(question ?? null);
  if (now === drawn) return;
  drawn = now;
  if (!question) {
    sheet.close();
    return;
  }

  const title = document.createElement("h1");
  title.id = "sheet-title";
  title.textContent = question.title;
  const text = document.createElement("p");
  text.textContent = question.text;
  const wrong = document.createElement("p");
  wrong.className = "wrong";
  wrong.setAttribute("role", "alert");
  wrong.textContent = question.wasWrong ? "That is not the passcode." : "";
  const first = question.proposesOne ? question.choices.slice(0, 1) : question.choices;
  const choices = document.createElement("div");
  choices.className = "choices";
  choices.append(...first.map(choice));
  sheet.replaceChildren(title, text, wrong, choices);
  if (question.choices.length > first.length) {
    sheet.append(button("Save another way", "quiet", () => {
      choices.replaceChildren(...question.choices.map(choice));
      sheet.querySelector(".quiet")?.remove();
    }));
  }
  sheet.append(button("Cancel", "cancel", () => fetch("sheet", { method: "DELETE" })));
  if (!sheet.open) sheet.showModal();
}

document.getElementById("sheet")?.addEventListener("cancel", event => {
  event.preventDefault();
  fetch("sheet", { method: "DELETE" });
});

/** @param {any} one */
function choice(one) {
  const box = document.createElement("form");
  const go = button(one.text, "choice", () => {});
  go.type = "submit";
  const detail = document.createElement("span");
  detail.textContent = one.detail;
  go.append(detail);
  box.append(go);
  /** @type {HTMLInputElement | null} */
  let passcode = null;
  box.addEventListener("submit", event => {
    event.preventDefault();
    if (one.needsPasscode && !passcode) {
      const label = document.createElement("label");
      label.textContent = "Passcode";
      passcode = document.createElement("input");
      passcode.type = "password";
      passcode.inputMode = "numeric";
      passcode.autocomplete = "off";
      label.append(passcode);
      box.append(label, submit());
      passcode.focus();
      return;
    }
    fetch("sheet", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ choice: one.key, passcode: passcode?.value }) });
  });
  return box;
}

function submit() {
  const go = button("Continue", "go", () => {});
  go.type = "submit";
  return go;
}

/** @param {string} text @param {string} kind @param {() => void} act */
function button(text, kind, act) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = kind;
  one.textContent = text;
  one.addEventListener("click", act);
  return one;
}
