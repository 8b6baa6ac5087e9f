// <offline-banner>: offline and since when what is shown was true; how many acts are still to be sent; back.
import { asOf } from "./server-clock.js";
import { pending, flush } from "./outbox.js";

const ICONS = { offline: "m3.5 3.5 17 17M2.5 9.5a14 14 0 0 1 4.7-2.900M10.5 5.800a14 14 0 0 1 11 3.700M6 13a9 9 0 0 1 4-2.300M15 11.300a9 9 0 0 1 3 1.700M12 19.300v.1" };

class OfflineBanner extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const kind of ["offline", "nb:unheard"]) addEventListener(kind, () => this.draw(false), { signal });
    for (const kind of ["online", "nb:heard"]) addEventListener(kind, () => this.draw(navigator.onLine), { signal });
    if (!navigator.onLine) this.draw(false);
  }
  disconnectedCallback() { this.listening.abort(); }

  async draw(online) {
    if (online) {
      const waiting = (await pending()).length;
      if (!waiting) return this.replaceChildren();
      this.write("pending", `Sending ${waiting}.`, " What you pressed goes out now.");
      await flush();
      return this.replaceChildren();
    }
    this.write("offline", navigator.onLine ? "The server does not answer." : "You are offline.", ` Shown as of ${asOf()}.`);
  }
  write(mood, strong, rest) {
    const words = strong + rest;
    if (this.textContent === words) return;
    const banner = Object.assign(document.createElement("div"), { className: `banner ${mood}` });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.firstChild.setAttribute("d", ICONS.offline);
    const line = document.createElement("p");
    line.append(Object.assign(document.createElement("b"), { textContent: strong }), rest);
    banner.append(svg, line);
    this.replaceChildren(banner);
  }
}
customElements.define("offline-banner", OfflineBanner);
