// The button that asks says whom: "Ask Ben and Yuki", everyone while nobody is ticked, or the one of an exchange.
class AskNames extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById(this.getAttribute("form"));
    this.form?.addEventListener("change", () => this.say());
  }

  say() {
    const exchange = this.form.querySelector("input[name=in_return]:checked")?.dataset.name;
    if (exchange) {
      this.querySelector("button").textContent = `Ask ${exchange} to exchange`;
      return;
    }
    const names = [...this.form.querySelectorAll("input[name=to]:checked")].map((tick) => tick.dataset.name);
    const last = names.pop();
    const who = last === undefined ? "everyone" : names.length ? `${names.join(", ")} and ${last}` : last;
    this.querySelector("button").textContent = `Ask ${who}`;
  }
}

customElements.define("ask-names", AskNames);
