// <device-test>: while a step may still come, the page is asked for again every second.
import { refresh } from "./live-line.js";

class DeviceTest extends HTMLElement {
  connectedCallback() {
    this.each = setInterval(() => document.visibilityState === "visible" && refresh(), 1000);
  }
  disconnectedCallback() { clearInterval(this.each); }
}
customElements.define("device-test", DeviceTest);
