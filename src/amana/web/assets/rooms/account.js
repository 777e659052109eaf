// Signing in, second factors, sessions and the administration of people.

// Security keys: the page carries what the key is asked in data-options (WebAuthn's JSON form), and the answer goes back
// in the form's hidden field. Binary values travel as base64url without padding.
const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};
const toText = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};
const withBytes = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

function asked(options) {
  const asks = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) asks.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) asks.excludeCredentials = withBytes(options.excludeCredentials);
  if (options.allowCredentials) asks.allowCredentials = withBytes(options.allowCredentials);
  return asks;
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

for (const form of document.querySelectorAll("form[data-key]")) {
  const start = form.querySelector("[data-key-start]");
  const problem = form.querySelector("[data-key-problem]");
  start.addEventListener("click", async () => {
    problem.hidden = true;
    start.disabled = true;
    try {
      const publicKey = asked(JSON.parse(form.dataset.options).publicKey);
      const found = await navigator.credentials[form.dataset.key]({ publicKey });
      form.elements.credential.value = answered(found);
      form.submit();
    } catch {
      problem.hidden = false;
    } finally {
      start.disabled = false;
    }
  });
}
