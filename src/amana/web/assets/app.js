// Small helps for the pages; everything works without them, only less comfortably. Loaded deferred.
import "htmx.org";
import "./rooms/frame.js";
import "./rooms/report.js";
import "./rooms/entities.js";
import "./rooms/oversight.js";
import "./rooms/account.js";

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
// Opening a held report tells its originator so; a page that is only fetched tells nothing.
function tellOpened(root) {
  const opened = root.querySelector("form[data-opened]");
  if (opened) fetch(opened.action, { method: "POST", body: new FormData(opened), redirect: "manual" });
}
tellOpened(document);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "thing") tellOpened(event.detail.target);
});
