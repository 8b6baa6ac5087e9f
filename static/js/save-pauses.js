// <save-pauses>: what is typed into its form is saved at every pause, and shown as it will read. What others wrote in
// the same text meanwhile comes in; where both changed one paragraph it stops, and Save shows the words of both.
import { fetchPage } from "./swap.js";

const PAUSE = 1500;
const SEEN = ["saved", "hints", "preview"];

class SavePauses extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.text;
    this.said = this.querySelector("#saved");
    this.saved = this.text.defaultValue;
    this.form.addEventListener("input", () => this.wait());
    this.form.addEventListener("submit", () => clearTimeout(this.timer));
  }
  disconnectedCallback() { clearTimeout(this.timer); }
  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }
  async save() {
    if (this.busy) return this.wait();
    const typed = this.text.value;
    if (typed === this.saved || this.stopped) return;
    this.busy = true;
    const body = new FormData(this.form);
    body.set("act", "pause");
    try {
      const { response, page } = await fetchPage(this.form.action, { method: "POST", body });
      if (response.redirected) return this.say("Your login ended. What you typed is kept on this device.");
      if (!response.ok) return this.stop(page);
      this.take(page, typed);
    } catch {
      this.say("Not saved: the server did not answer. What you typed is kept on this device.");
      this.wait();
    } finally {
      this.busy = false;
    }
  }
  take(page, typed) {
    const now = page.querySelector("textarea[name=text]")?.value ?? typed;
    const untouched = this.text.value === typed;
    this.saved = now;
    for (const id of SEEN) document.getElementById(id)?.replaceChildren(...document.importNode(page.getElementById(id), true).childNodes);
    if (untouched && now.trim() !== typed.trim()) this.put(now);
    // what was typed since began from the text as it was sent: the server brings both together at the next pause
    if (untouched || now.trim() === typed.trim()) this.form.elements.seen.value = page.querySelector("input[name=seen]").value;
    if (!untouched) return this.wait();
    // saved: nothing is left that the device must keep
    localStorage.removeItem(`nb:draft:${this.querySelector("kept-draft").dataset.key}`);
    this.querySelector("[data-draft]").replaceChildren();
  }
  put(words) {
    const { selectionStart } = this.text;
    this.text.value = words;
    this.text.setSelectionRange(selectionStart, selectionStart);
  }
  stop(page) {
    this.stopped = true;
    this.say(`${page.querySelector("#changed")?.textContent ?? page.querySelector("[data-problem]")?.textContent ?? "Not saved."} Press Save to see it.`);
  }
  say(words) { this.said.textContent = words; }
}
customElements.define("save-pauses", SavePauses);
