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

// Copy a reference, the address of a selection.
for (const source of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "copy";
  button.textContent = source.dataset.copy;
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value || source.innerText.trim());
    said.textContent = ` ${source.dataset.copied}`;
  });
  source.after(button, said);
}

// A box chooses at once: the address, and the links and forms that are followed, keep it.
const chosen = document.getElementById("chosen");
let names = chosen.dataset.names.split(".").filter(Boolean);

function keep(address) {
  const url = new URL(address, location);
  if (names.length) url.searchParams.set("choix", names.join("."));
  else url.searchParams.delete("choix");
  return url.href;
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name !== "choix") return;
  names = names.filter((name) => name !== box.value);
  if (box.checked) names.push(box.value);
  chosen.hidden = !names.length;
  chosen.querySelector("b").textContent = names.length;
  chosen.changed = true;
  history.replaceState(history.state, "", keep(location));
});

for (const kind of ["click", "auxclick", "contextmenu"]) {
  document.addEventListener(kind, (event) => {
    const link = event.target.closest("a[href]");
    if (!chosen.changed || !link || link.origin !== location.origin) return;
    if (!link.getAttribute("href").startsWith("#")) link.href = keep(link.href);
  }, true);
}

document.addEventListener("formdata", (event) => {
  if (event.target.id === "choose" || !chosen.changed) return;
  if (names.length) event.formData.set("choix", names.join("."));
  else event.formData.delete("choix");
});

// Back from another page: the browser ticks what was ticked when the page was left.
addEventListener("pageshow", () => {
  for (const box of document.querySelectorAll("input[name=choix][type=checkbox]")) {
    box.checked = names.includes(box.value);
  }
});
