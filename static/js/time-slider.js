// <time-slider>: who has it, hour by hour. Moves the time of the form around it, and shows the board of that time.
import { fetchPage, show } from "./swap.js";
import { moment } from "./local-time.js";
import { serverNow } from "./server-clock.js";

const HOUR = 3_600_000;

class TimeSlider extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.says = this.querySelector("output");
    this.zone = document.documentElement.dataset.zone;
    this.hidden = false;
    this.range.oninput = () => this.say();
    this.range.onchange = () => this.look();
    this.say();
  }
  get hours() { return Number(this.range.value); }
  get at() { return new Date(Math.floor(serverNow() / HOUR) * HOUR + this.hours * HOUR); }
  say() {
    this.says.textContent = this.hours ? moment(this.at.toISOString(), this.zone) : "Now";
    this.range.setAttribute("aria-valuetext", this.says.textContent);
  }
  async look() {
    const address = this.hours ? `/on-call?at=${encodeURIComponent(this.at.toISOString())}` : "/on-call";
    history.replaceState(null, "", address);
    try {
      const { page } = await fetchPage(address);
      show(page, { asked: true });
    } catch {
      this.says.textContent = "No network: the board is as it was.";
    }
  }
}
customElements.define("time-slider", TimeSlider);
