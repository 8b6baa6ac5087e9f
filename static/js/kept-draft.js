// <kept-draft data-key>: what is typed into its form is kept on this device until it was sent, so that a closed tab
// or a lost network loses no word. A draft comes back by itself and says so; it can be thrown away.
const PLACE = "nb:draft:";
const SENT = "nb:sent";

class KeptDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.key = PLACE + this.dataset.key;
    if (!("mine" in this.dataset)) this.bringBack(); // the server has just given back what was typed
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("submit", () => { this.keep(); sessionStorage.setItem(SENT, this.key); });
  }
  keep() {
    const said = Object.fromEntries([...this.form.elements].filter(isWords).map((each) => [each.name, each.value]));
    localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), said }));
  }
  bringBack() {
    const kept = read(this.key);
    if (!kept) return;
    const before = [...this.form.elements].filter(isWords).map((each) => [each, each.value]);
    for (const [each] of before) if (each.name in kept.said) each.value = kept.said[each.name];
    const line = this.querySelector("[data-draft]");
    line.textContent = `Your draft from ${new Date(kept.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })} is back. `;
    const away = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: "Throw it away" });
    away.addEventListener("click", () => {
      for (const [each, value] of before) each.value = value;
      localStorage.removeItem(this.key);
      line.textContent = "";
    });
    line.append(away);
  }
}

const isWords = (each) => each.matches("textarea, input[name=seen]"); // and which version the words began from

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// Sent, and the server led on to another page: only then the draft goes. A refusal shows the form again.
const sent = sessionStorage.getItem(SENT);
if (sent && !document.querySelector("kept-draft")) {
  localStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
}
customElements.define("kept-draft", KeptDraft);
