// Search, profiles, judgements and merging of entities.

// The evidence drawer: what opens it gets the focus back when it closes.
const drawer = document.getElementById("drawer");
let opener = null;
const closeDrawer = () => {
  drawer.replaceChildren();
  opener?.focus();
  opener = null;
};
if (drawer) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === drawer) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== drawer) return;
    for (const button of drawer.querySelectorAll("[data-close-drawer]")) {
      button.hidden = false;
      button.addEventListener("click", closeDrawer);
    }
    drawer.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drawer.childElementCount) closeDrawer();
  });
  // What cannot be shown in the drawer is shown as a page, with its reason.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === drawer && event.detail.elt.href) window.location.assign(event.detail.elt.href);
  });
}
