// Light or dark, before the first paint: as chosen here before, else as the system says.
const root = document.documentElement;
root.classList.add("js");
const wanted = window.matchMedia("(prefers-color-scheme: dark)");

function show() {
  root.setAttribute("data-bs-theme", localStorage.getItem("amana-theme") || (wanted.matches ? "dark" : "light"));
}
show();
wanted.addEventListener("change", show);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  localStorage.setItem("amana-theme", root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark");
  show();
});
