// form[data-later]: what is written while the server does not answer is kept on this device, says so, and is sent when
// it answers again, with the time at which it was written and under a key, so that it counts once. Whatever the server
// does not take stays with its words until somebody throws it away. <kept-forms> shows what waits.
import { refresh } from "./live-line.js";

const PLACE = "nb:later";
const me = document.documentElement.dataset.person;

export function waiting() {
  try {
    return (JSON.parse(localStorage.getItem(PLACE)) ?? []).filter((each) => each.person === me);
  } catch {
    return [];
  }
}
const change = (work) => {
  const kept = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
  localStorage.setItem(PLACE, JSON.stringify(work(kept)));
  for (const list of document.querySelectorAll("kept-forms")) list.draw();
};

// The key goes out with the first try, too: the server may have taken it, and only the answer was lost.
addEventListener("submit", ({ target }) => {
  if (target.matches("form[data-later]")) target.elements.key.value = crypto.randomUUID?.() ?? `${Date.now()} ${Math.random()}`;
}, { capture: true });

addEventListener("nb:unsent", (event) => {
  const form = event.target;
  if (!form.matches("form[data-later]")) return;
  event.preventDefault(); // said here instead of "Not saved"
  const { csrf_token: _, ...fields } = Object.fromEntries(new FormData(form, event.detail?.button));
  const at = new Date().toISOString();
  const words = form.dataset.later || fields.text;
  change((kept) => [...kept, { person: me, action: new URL(form.action).pathname, fields: { ...fields, written_at: at }, words, at }]);
  form.closest("dialog")?.close();
  form.reset();
});

const TAKEN = "taken";
const SIGN_IN = "Sign in, then it is sent.";
async function post({ action, fields }) {
  const token = document.querySelector("input[name=csrf_token]")?.value;
  const body = new URLSearchParams({ ...fields, csrf_token: token ?? "" });
  try {
    const response = await fetch(action, { method: "POST", body, credentials: "same-origin", signal: AbortSignal.timeout(15_000) });
    if (response.status >= 500 || [408, 425, 429].includes(response.status)) return null;
    if (new URL(response.url).pathname === "/login") return SIGN_IN;
    return response.ok ? TAKEN : `Not taken: the server answered ${response.status}.`;
  } catch {
    return null;
  }
}

/** Sends what waits, in the order in which it was written, until the server does not answer. */
export async function sendKept() {
  const work = async () => {
    for (const each of waiting().filter(({ problem }) => !problem || problem === SIGN_IN)) {
      const said = await post(each);
      if (said === null) return;
      change((kept) => kept.flatMap((one) => (one.fields.key !== each.fields.key ? one : said === TAKEN ? [] : { ...one, problem: said })));
    }
    if (!waiting().length) refresh({ asked: true });
  };
  if (waiting().length) await (navigator.locks ? navigator.locks.request("nightbell-later", work) : work());
}
for (const kind of ["online", "nb:heard", "load"]) addEventListener(kind, () => sendKept());

class KeptForms extends HTMLElement {
  connectedCallback() { this.draw(); }
  draw() {
    const lines = waiting().map((each) => {
      const line = element("div", each.problem ? "banner danger" : "banner pending");
      const said = element("p", "");
      const at = new Date(each.at).toLocaleTimeString("en-GB");
      said.append(element("b", "", each.problem ?? "Kept on this device, not sent yet."), ` Written at ${at}: ${each.words}`);
      line.append(said);
      if (each.problem) {
        const away = Object.assign(element("button", "button small", "Throw it away"), { type: "button" });
        away.addEventListener("click", () => change((kept) => kept.filter((one) => one.fields.key !== each.fields.key)));
        line.append(away);
      }
      return line;
    });
    this.replaceChildren(...lines);
  }
}
const element = (name, className, textContent = "") => Object.assign(document.createElement(name), { className, textContent });
customElements.define("kept-forms", KeptForms);
