// <passkey-form>: a form whose [data-passkey] button is answered by a passkey. data-ask: where to ask for the options;
// data-act: make or use. Without a script, or without passkeys in this browser, [data-when=absent] says so.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const known = (list) => list?.map((key) => ({ ...key, id: bytes(key.id) }));
let waiting; // the one ceremony a browser allows at a time

async function options(address, fields) {
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).title ?? "The server did not answer. Try again.");
  return answer.json();
}
async function answer(act, asked, more = {}) {
  waiting?.abort();
  waiting = new AbortController();
  const key = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials), excludeCredentials: known(asked.excludeCredentials) };
  if (asked.user) key.user = { ...asked.user, id: bytes(asked.user.id) };
  const made = await navigator.credentials[act === "make" ? "create" : "get"]({ publicKey: key, signal: waiting.signal, ...more });
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (made.response[part]) response[part] = text(made.response[part]);
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}
const words = (problem) =>
  ({
    NotAllowedError: "Nothing was used: it was cancelled, or took too long. Try again, or come in another way.",
    InvalidStateError: "This device has a passkey for you already.",
  })[problem.name] ?? problem.message;

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!window.PublicKeyCredential || !isSecureContext) return;
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when === "absent";
    this.form.addEventListener("submit", (event) => this.submit(event));
    if (this.dataset.act === "use") this.offer().catch(() => {}); // an offer beside the email field is never an error
  }
  async submit(event) {
    if (!event.submitter?.matches("[data-passkey]")) return;
    event.preventDefault();
    this.say("");
    try {
      this.send(await answer(this.dataset.act, await options(this.dataset.ask, { name: this.form.elements.name?.value, email: this.form.elements.email?.value })));
    } catch (problem) {
      if (problem.name !== "AbortError") this.say(words(problem));
    }
  }
  async offer() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    this.send(await answer("use", await options(this.dataset.ask, {}), { mediation: "conditional" }));
  }
  send(said) {
    this.form.elements.credential.value = said;
    this.form.submit();
  }
  say(sentence) {
    this.querySelector("[role=alert]").textContent = sentence;
  }
}
customElements.define("passkey-form", PasskeyForm);
