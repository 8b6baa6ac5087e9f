// <notice-wishes>: while no way is ticked, the events below cannot be, and keep their ticks for later.
class NoticeWishes extends HTMLElement {
  connectedCallback() {
    const events = this.querySelector(".events");
    if (!events) return;
    this.addEventListener("change", () => {
      events.disabled = !this.querySelector(".ways :checked");
      this.querySelector(".silent").hidden = !events.disabled;
    });
  }
}
customElements.define("notice-wishes", NoticeWishes);
