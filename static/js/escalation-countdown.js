// <escalation-countdown due next>: how long until the next person is paged, by the server's clock.
// Spoken once at 60 s; offline it cannot know, and says when it was due.
import { refresh } from "./live-line.js";
import { age, exact, serverNow } from "./server-clock.js";

class EscalationCountdown extends HTMLElement {
  connectedCallback() {
    this.due = Date.parse(this.getAttribute("due"));
    this.next = this.getAttribute("next");
    this.left = this.querySelector(".left");
    this.to = this.querySelector(".to");
    this.bar = this.querySelector("progress");
    this.total = (this.bar?.max || 1) * 1000;
    this.each = setInterval(() => this.draw(), 1000);
    this.draw();
  }
  disconnectedCallback() { clearInterval(this.each); }

  draw() {
    const left = this.due - serverNow();
    const unknown = !navigator.onLine || age() > 45_000;
    const state = unknown && left <= 0 ? "unknown" : left <= 0 ? "due" : left < 60_000 ? "soon" : "running";
    const seconds = Math.max(0, Math.floor(left / 1000));
    this.left.textContent = state === "unknown" ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.bar) this.bar.value = Math.min(this.bar.max, (this.total - left) / 1000);
    if (state === this.state) return;
    if (state === "soon" && this.state === "running") this.querySelector("[role=status]").textContent = `${this.next} is paged in one minute`;
    this.state = state;
    this.setAttribute("state", state);
    const name = Object.assign(document.createElement("b"), { textContent: this.next });
    if (state === "running") this.to.replaceChildren("Goes to ", name, " in");
    if (state === "soon") this.to.replaceChildren(name, " next");
    if (state === "due") { this.to.replaceChildren("Paging ", name); setTimeout(refresh, 1500); }
    if (state === "unknown") this.to.replaceChildren(name, ` was due ${exact(this.due)}`);
  }
}
customElements.define("escalation-countdown", EscalationCountdown);
