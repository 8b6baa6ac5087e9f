// <look-again seconds>: asks for the page again after so long, while somebody looks at it. Without it a link does.
class LookAgain extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => document.visibilityState === "visible" && location.reload(), this.getAttribute("seconds") * 1000);
  }
  disconnectedCallback() {
    clearInterval(this.timer);
  }
}
customElements.define("look-again", LookAgain);
