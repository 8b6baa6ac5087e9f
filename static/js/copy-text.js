// <copy-text>: a button that copies what stands below it.
class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("[data-copy]");
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector("pre").textContent);
      this.querySelector("[role=status]").textContent = "Copied.";
    });
  }
}
customElements.define("copy-text", CopyText);
