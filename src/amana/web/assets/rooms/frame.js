// The frame: palette, toasts, the rail on a phone, printing.

// What htmx posts carries the form token, as a form does.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.cookie.match(/(?:^|; )amana-csrf=([^;]+)/);
  if (token) event.detail.headers["X-CSRFToken"] = token[1];
});
