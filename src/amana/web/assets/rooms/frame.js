// The frame: palette, keys, toasts, the list beside the thing, the rail on a phone, progress, printing.
import htmx from "htmx.org";

// What htmx posts carries the form token, as a form does.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.cookie.match(/(?:^|; )amana-csrf=([^;]+)/);
  if (token) event.detail.headers["X-CSRFToken"] = token[1];
});
// A refusal has a page that says what happened: it is shown in the place of what was asked for.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && event.detail.xhr.responseText) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

const typing = (target) => target.matches("input:not([type=checkbox],[type=radio]), select, textarea, [contenteditable]");
const wide = window.matchMedia("(min-width: 75rem)");

// Progress: a thin bar while something is on its way; what is sent once is not sent twice.
let underWay = 0;
function busy(more) {
  underWay = Math.max(0, underWay + more);
  document.documentElement.classList.toggle("busy", underWay > 0);
}
document.addEventListener("htmx:beforeRequest", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => busy(1), 300);
});
window.addEventListener("pageshow", () => {
  underWay = 0;
  busy(0);
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// Toasts: put into the live region after loading, so that they are read out; errors stay until they are read.
const toasts = document.querySelector(".toasts");
if (toasts) {
  const notes = [...toasts.children];
  notes.forEach((note) => note.remove());
  setTimeout(() => notes.forEach(show), 60);
}
function show(note) {
  toasts.append(note);
  if (note.hasAttribute("data-stays")) return;
  let timer;
  const leave = () => (timer = setTimeout(() => note.remove(), 5000 + 60 * note.textContent.length));
  ["mouseenter", "focusin"].forEach((name) => note.addEventListener(name, () => clearTimeout(timer)));
  ["mouseleave", "focusout"].forEach((name) => note.addEventListener(name, leave));
  leave();
}
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss-toast]")?.closest(".toast-note").remove();
  if (event.target.closest("[data-print]")) window.print();
});

// The palette. The browser's dialog keeps the focus inside and gives it back; the arrow keys walk what was found.
const palette = document.getElementById("palette");
const words = document.getElementById("palette-words");
const options = () => [...palette.querySelectorAll("[role=option]")];
let chosen = -1; // none; “choose(-2)” leaves it so

function choose(place) {
  const all = options();
  all.forEach((one) => one.removeAttribute("aria-selected"));
  chosen = all.length && place > -2 ? (place + all.length) % all.length : -1;
  if (chosen < 0) return words.removeAttribute("aria-activedescendant");
  all[chosen].setAttribute("aria-selected", "true");
  all[chosen].scrollIntoView({ block: "nearest" });
  words.setAttribute("aria-activedescendant", all[chosen].id);
}
function openPalette(start = "") {
  if (!palette || palette.open) return;
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  palette.showModal();
  words.value = start;
  words.focus();
  htmx.trigger(words.form, "palette-open");
}
if (palette) {
  words.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      options()[Math.max(chosen, 0)]?.click();
    }
  });
  palette.addEventListener("htmx:afterSettle", () => choose(words.value ? 0 : -2));
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]")) return;
  event.preventDefault();
  openPalette();
});

// The list and the thing: on a wide screen a report opens beside its list; the address follows.
const two = document.querySelector("[data-two]");
const thing = document.getElementById("thing");
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-two] a[data-opens]");
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  document.querySelectorAll("[data-two] tr[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  link.closest("tr").setAttribute("aria-current", "true");
  htmx.trigger(link, "pane");
});
if (thing) {
  thing.addEventListener("htmx:afterSettle", () => {
    two.classList.add("open");
    thing.scrollTop = 0;
    thing.focus({ preventScroll: true });
    thing.scrollIntoView({ block: "nearest" });
  });
}

// Keys: j and k walk a list, Enter opens, Esc goes back to the list; g and a letter go to a room.
const rows = () => [...document.querySelectorAll("[data-walk] tbody tr, [data-walk-list] .needs > li, .board .card")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));
let last = null;
let going = 0;

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const from = current() >= 0 ? current() : last === null ? (step > 0 ? -1 : all.length) : all.indexOf(last);
  last = all[Math.max(0, Math.min(all.length - 1, from + step))];
  last.querySelector("a, button")?.focus();
}
function begin() {
  const link = document.querySelector("[data-begins]") || document.querySelector('.rail a[data-key="n"]');
  if (link) link.click();
  else openPalette();
}
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (event.key === "Escape" && thing?.contains(document.activeElement) && !document.querySelector("dialog[open]")) {
    return document.querySelector("[data-two] tr[aria-current] a")?.focus();
  }
  if (event.key === "Escape" && document.querySelector(".rail.open")) return more(false);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const link = [...document.querySelectorAll(".rail a[data-key]")].find((one) => one.dataset.key === event.key);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  const acts = { j: () => walk(1), k: () => walk(-1), n: begin, "/": openPalette, "?": openKeys, g: () => (going = Date.now()) };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
function openKeys() {
  document.getElementById("keys")?.showModal();
}
document.getElementById("keys")?.addEventListener("click", (event) => {
  if (event.target.id === "keys") event.target.close();
});

// The rail on a phone: five rooms, and “more” opens all of them.
const rail = document.getElementById("rail");
const opener = rail?.querySelector("[data-more]");
function more(open) {
  rail.classList.toggle("open", open);
  opener.setAttribute("aria-expanded", String(open));
  if (!open) opener.focus();
}
if (opener) {
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    more(!rail.classList.contains("open"));
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      opener.click();
    }
  });
}
