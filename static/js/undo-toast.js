// <undo-toast>: what was done, and Undo for five seconds; it waits while it is pointed at or has the focus.
const STAYS = 5000;
const RING = 56.5;

class UndoToast extends HTMLElement {
  connectedCallback() {
    if (this.classList.contains("failed") || this.each) return;
    this.left = STAYS;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "left");
    svg.setAttribute("aria-hidden", "true");
    this.ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of [["cx", 12], ["cy", 12], ["r", 9]]) this.ring.setAttribute(name, value);
    svg.append(this.ring);
    if (this.querySelector("form")) this.append(svg);
    this.each = setInterval(() => this.tick(), 100);
  }
  disconnectedCallback() { clearInterval(this.each); }
  tick() {
    if (this.matches(":hover, :focus-within")) return;
    this.left -= 100;
    this.ring.style.strokeDashoffset = `${RING * (1 - this.left / STAYS)}`;
    if (this.left <= 0) this.remove();
  }
}
customElements.define("undo-toast", UndoToast);

/** Say something in the place of toasts. One at a time; a failure stays until it is closed or followed. */
export function say(sentence, { failed = false, action = null, word = "Close" } = {}) {
  const toast = document.createElement("undo-toast");
  toast.className = failed ? "toast failed" : "toast";
  const said = Object.assign(document.createElement("span"), { className: "said", textContent: sentence });
  toast.append(said);
  if (failed || action) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: word });
    button.addEventListener("click", () => { toast.remove(); action?.(); });
    toast.append(button);
  }
  document.getElementById("toasts").replaceChildren(toast);
}
