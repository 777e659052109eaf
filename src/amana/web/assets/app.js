// Small helps for the pages; everything works without them, only less comfortably. Loaded deferred.
import "htmx.org";
import "./rooms/frame.js";
import "./rooms/report.js";
import "./rooms/entities.js";
import "./rooms/oversight.js";
import "./rooms/account.js";

for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
// A statement and its place in the text point to each other.
for (const one of document.querySelectorAll("[data-statement]")) {
  const others = () => document.querySelectorAll(`[data-statement="${CSS.escape(one.dataset.statement)}"]`);
  const light = (on) => others().forEach((other) => other.classList.toggle("lit", on));
  one.addEventListener("mouseenter", () => light(true));
  one.addEventListener("mouseleave", () => light(false));
}
// Opening a held report tells its originator so; a page that is only fetched tells nothing.
const opened = document.querySelector("form[data-opened]");
if (opened) fetch(opened.action, { method: "POST", body: new FormData(opened), redirect: "manual" });
// j and k walk a list, Enter opens.
const rows = [...document.querySelectorAll("[data-walk] tbody tr")];
let place = -1;
document.addEventListener("keydown", (event) => {
  if (!rows.length || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(event.target.tagName)) return;
  if (event.key === "j" || event.key === "k") {
    place = Math.max(0, Math.min(rows.length - 1, place + (event.key === "j" ? 1 : -1)));
    rows[place].querySelector("a")?.focus();
  }
});
