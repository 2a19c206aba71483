// Small comforts; every page works without them.
"use strict";

// Suggestions as one types, in the browser's own list.
const field = document.getElementById("q");
const list = document.getElementById("suggestions");
let waiting = 0;
let asked = "";
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 150);
});

async function suggest() {
  const prefix = field.value.trim();
  if (prefix.length < 2 || prefix === asked) return;
  asked = prefix;
  const address = new URL(field.dataset.suggestions, location);
  address.searchParams.set("q", prefix);
  const answer = await fetch(address);
  if (!answer.ok || prefix !== asked) return;
  const [, texts, counts] = await answer.json();
  list.replaceChildren(...texts.map((text, n) => new Option(counts[n], text)));
}

// "/" goes to the field, unless the reader turned it off on the page of help (WCAG 2.1.4).
const OFF = "renvois-sans-raccourci";
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem(OFF)) return;
  event.preventDefault();
  field.focus();
  field.select();
});

const shortcut = document.getElementById("shortcut");
if (shortcut) {
  const box = shortcut.querySelector("input");
  shortcut.hidden = false;
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}

// Copy a reference.
const reference = document.getElementById("reference-text");
if (reference && navigator.clipboard) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "copy";
  button.textContent = reference.dataset.copy;
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(reference.innerText.trim());
    said.textContent = ` ${reference.dataset.copied}`;
  });
  reference.after(button, said);
}
