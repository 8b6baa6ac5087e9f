// <push-toggle>: shows the one state that holds in this browser. Asks for permission only after a tap.
// <device-checks>: what only the device itself can tell.
import "./device-test.js";
import { can, check, close, open } from "./push-line.js";
import { refresh } from "./live-line.js";

const agent = navigator.userAgent;
const apple = /iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
const installed = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const browser = () => (apple ? "ios" : /Firefox/.test(agent) ? "firefox" : /Chrome/.test(agent) ? "chrome" : "safari");

class PushToggle extends HTMLElement {
  connectedCallback() {
    for (const help of this.querySelectorAll("[data-browser]")) help.hidden = help.dataset.browser !== browser();
    this.addEventListener("click", (event) => event.target.closest("[data-act=subscribe]") && this.subscribe());
    this.look();
  }
  async look() {
    if (!isSecureContext) return this.say("insecure");
    if (!can()) return this.say(apple && !installed() ? "install" : "unsupported");
    if (Notification.permission === "denied") return this.say("blocked");
    try {
      this.say((await check(this.dataset.key)) ? "on" : "ask");
    } catch (problem) {
      this.fail(problem);
    }
  }
  async subscribe() {
    const answer = Notification.requestPermission(); // in the tap itself, or the browser refuses to ask
    this.say("working");
    try {
      if ((await answer) !== "granted") return this.say(Notification.permission === "denied" ? "blocked" : "ask");
      await open(this.dataset.key);
      this.say("on");
      await refresh({ asked: true });
      if (!document.getElementById("device-verdict")) location.reload();
    } catch (problem) {
      this.fail(problem);
    }
  }
  fail(problem) {
    this.querySelector("[data-reason]").textContent = problem.message;
    this.say("failed");
  }
  say(state) {
    this.setAttribute("state", state);
    const card = this.closest("[data-unless-on]");
    if (card) card.hidden = state === "on";
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
    dispatchEvent(new CustomEvent("nb:line", { detail: state }));
  }
}

class DeviceChecks extends HTMLElement {
  connectedCallback() {
    if (!document.querySelector("push-toggle")) return; // another device's page: nothing here can tell
    addEventListener("nb:line", () => this.draw());
    this.draw();
  }
  draw() {
    const permission = "Notification" in window ? Notification.permission : "unsupported";
    this.set("home", installed(), installed() ? "Opened as an app" : "Opened in a browser. An app on the home screen rings more reliably");
    this.set("allowed", permission === "granted", { granted: "Allowed in this browser", denied: "Blocked in this browser" }[permission] ?? "Not asked yet");
  }
  set(name, good, words) {
    this.querySelector(`[data-check=${name}]`).textContent = words;
    this.querySelector(`[data-sign=${name}]`).className = `sign round ${good ? "ok" : "warn"}`;
  }
}
customElements.define("push-toggle", PushToggle);
customElements.define("device-checks", DeviceChecks);

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-unsubscribe]") || event.target.dataset.closed) return;
  event.preventDefault(); // the line is closed first: a browser that still listens would come back by itself
  event.target.dataset.closed = "yes";
  close().catch(() => {}).finally(() => event.target.submit());
});
