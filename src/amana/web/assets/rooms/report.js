// The report, its versions, composing it and the preview of its exit.

// A statement and its words point to each other, by mouse, keyboard and touch; who follows the link lands on the other.
function light(event) {
  const names = event.target.closest?.("[data-statement]")?.dataset.statement;
  for (const one of document.querySelectorAll("[data-statement].lit")) one.classList.remove("lit");
  for (const name of (names || "").split(" ").filter(Boolean)) {
    for (const one of document.querySelectorAll(`[data-statement~="${CSS.escape(name)}"]`)) one.classList.add("lit");
  }
}
document.addEventListener("mouseover", light);
document.addEventListener("focusin", light);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  const there = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!there) return;
  if (there.tabIndex >= 0 || there.hasAttribute("tabindex")) there.focus();
  for (let one = there; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
});

// What is not kept yet is said, and asked about before the page is left.
let unsaved = false;
function note(on) {
  unsaved = on;
  for (const one of document.querySelectorAll("[data-unsaved-note]")) one.hidden = !on;
}
document.addEventListener("input", (event) => {
  if (event.target.form?.matches("[data-unsaved]")) note(true);
});
document.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

// The compose page is swapped as a whole, also when something was refused; another page is gone to.
const composing = (element) => element?.id === "compose";
let walked = -1;
let held = null; // what had the focus before the swap: its name and value, and its place among those that share them
const alike = (one) => [...document.querySelectorAll(`#compose [name="${CSS.escape(one.name)}"]`)].filter((other) => other.value === one.value);
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!composing(event.detail.target)) return;
  const focused = document.activeElement;
  held = focused?.name ? { name: focused.name, value: focused.value, place: alike(focused).indexOf(focused) } : null;
  const answered = event.detail.xhr.responseURL;
  if (answered && new URL(answered).pathname !== location.pathname) {
    event.detail.shouldSwap = false;
    location.assign(answered);
  } else if (event.detail.xhr.status < 500) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!composing(event.detail.target)) return; // what comes beside the page changes nothing of what was typed
  note(Boolean(document.querySelector("#compose [data-alert]")));
  document.querySelector("#compose [data-alert]")?.focus();
  if (walked >= 0) walk(walked);
  if (document.activeElement !== document.body) return;
  const next = (held && alike(held)[Math.max(0, held.place)]) || document.querySelector("#people, #marking");
  next?.focus();
});
// Which suggestions are known here comes beside the page; one may have been accepted or rejected meanwhile.
document.addEventListener("htmx:afterSwap", () => {
  for (const one of document.querySelectorAll("[data-known]")) {
    for (const place of one.dataset.known.trim().split(" ")) document.getElementById(place)?.removeAttribute("hidden");
  }
});
document.addEventListener("htmx:sendError", (event) => { if (composing(event.detail.target)) note(true); });
document.addEventListener("htmx:responseError", (event) => { if (composing(event.detail.target)) note(true); });

// Suggestions: j and k walk, Tab or Enter accepts, x rejects, Escape leaves.
const offers = () => [...document.querySelectorAll("#compose [data-offer]")];
function walk(to) {
  const all = offers();
  if (!all.length) { walked = -1; return; }
  walked = Math.max(0, Math.min(all.length - 1, to));
  all[walked].focus();
}
document.addEventListener("keydown", (event) => {
  if (!document.getElementById("compose") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY|A)$/.test(event.target.tagName)) return;
  const at = offers().indexOf(event.target.closest("[data-offer]"));
  const press = (deed) => {
    walked = at;
    event.preventDefault();
    event.target.closest("[data-offer]").querySelector(`button[value^="${deed}:"]`).click();
  };
  if (event.key === "j") walk(at + 1);
  else if (event.key === "k") walk(at < 0 ? offers().length - 1 : at - 1);
  else if (at >= 0 && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey))) press("accept");
  else if (at >= 0 && event.key === "x") press("drop");
  else if (at >= 0 && event.key === "Escape") { walked = -1; document.querySelector("#text .edit-text summary").focus(); }
});

// A statement from selected words.
document.addEventListener("selectionchange", () => {
  const button = document.querySelector("[data-from-selection]");
  if (button) button.hidden = !selected();
});
function selected() {
  const choice = document.getSelection();
  const text = document.getElementById("text-read");
  if (!text || !choice.rangeCount || choice.isCollapsed) return null;
  const range = choice.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return null;
  const from = range.startContainer.parentElement?.closest("[data-at]");
  const part = range.cloneContents();
  for (const one of part.querySelectorAll(".offer-acts")) one.remove();
  const words = part.textContent;
  if (!from || !words.trim()) return null;
  const before = words.length - words.trimStart().length;
  return { words: words.trim(), at: Number(from.dataset.at) + range.startOffset + before };
}
document.addEventListener("mousedown", (event) => { if (event.target.closest("[data-from-selection]")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-from-selection]")) return;
  const found = selected();
  if (!found) return;
  document.getElementById("new-statement").open = true;
  document.getElementById("new-passage").value = found.words;
  document.getElementById("new-at").value = found.at;
  document.getElementById("new-value").value = found.words;
  document.getElementById("new-entity").focus();
  note(true);
});

// Dropping a file, and how far it got.
const overDrop = (event, on) => event.target.closest?.("[data-drop]")?.classList.toggle("over", on);
document.addEventListener("dragover", (event) => {
  if (!event.target.closest?.("[data-drop]")) return;
  event.preventDefault();
  overDrop(event, true);
});
document.addEventListener("dragleave", (event) => overDrop(event, false));
document.addEventListener("drop", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone || !event.dataTransfer.files.length) return;
  event.preventDefault();
  overDrop(event, false);
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  if (!input.form.querySelector("textarea")?.value.trim()) input.form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const file = form.matches("[data-upload]") && form.querySelector("input[type=file]");
  if (!file || !file.files.length) return;
  event.preventDefault();
  const shown = form.querySelector("[data-progress]");
  const words = shown.querySelector("[data-progress-words]");
  const bar = shown.querySelector("progress");
  const sending = new XMLHttpRequest();
  shown.hidden = false;
  bar.focus();
  sending.upload.addEventListener("progress", (step) => {
    if (!step.lengthComputable) return;
    bar.value = Math.round((100 * step.loaded) / step.total);
    words.textContent = `${bar.value} %`;
    if (bar.value === 100) bar.removeAttribute("value");
  });
  sending.addEventListener("load", () => {
    if (new URL(sending.responseURL).pathname !== location.pathname) { location.assign(sending.responseURL); return; }
    const answer = new DOMParser().parseFromString(sending.responseText, "text/html").getElementById(form.id);
    if (answer) { form.replaceWith(answer); note(true); answer.querySelector("[role=alert]")?.scrollIntoView(); }
    else form.submit();
  });
  sending.addEventListener("error", () => { shown.hidden = true; note(true); form.submit(); });
  sending.open("POST", form.action);
  sending.send(new FormData(form));
});
