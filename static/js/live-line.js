// <live-line>: asks every 15 s for the page it stands on, at once when the phone is looked at again, when it comes
// back online, and when a push arrives; with a `watch` address within a second or two of any change, which it asks
// for by its ETag (what comes is what changed, or nothing but word of it), and for all of the page once a minute.
// Says "Live", or as of when; nothing stale looks live.
import { pageFrom } from "./fragment.js";
import { age, asOf, hear, hearNothingNew } from "./server-clock.js";
import { fetchPage, show } from "./swap.js";

const EVERY = 15_000;
const EVERY_WATCHED = 60_000;
const WATCHED = 1_200;
let asking = null;

/** Ask the server for this page now and show it. One question at a time; false when it did not answer. */
export function refresh(options) {
  asking ??= ask(options).finally(() => { asking = null; });
  return asking;
}

async function ask(options) {
  try {
    const { response, page } = await fetchPage(location.href.split("#")[0], { headers: { "X-Nightbell": "live" } });
    if (response.redirected && new URL(response.url).pathname !== location.pathname) return location.reload();
    if (!response.ok) throw new Error(String(response.status));
    show(page, options);
    dispatchEvent(new CustomEvent("nb:heard"));
    return true;
  } catch {
    dispatchEvent(new CustomEvent("nb:unheard"));
    return false;
  }
}

class LiveLine extends HTMLElement {
  connectedCallback() {
    this.every = setInterval(() => document.visibilityState === "visible" && refresh(), this.hasAttribute("watch") ? EVERY_WATCHED : EVERY);
    this.each = setInterval(() => this.say(), 1000);
    if (this.hasAttribute("watch")) this.watched = setInterval(() => document.visibilityState === "visible" && this.look(), WATCHED);
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh(), { signal });
    addEventListener("online", () => Promise.resolve(asking).finally(() => refresh()), { signal }); // one under way was asked offline
    addEventListener("pageshow", (event) => event.persisted && refresh(), { signal });
    addEventListener("nb:heard", () => this.say(), { signal });
    navigator.serviceWorker?.addEventListener("message", () => refresh(), { signal });
    this.say();
  }
  disconnectedCallback() {
    clearInterval(this.every);
    clearInterval(this.each);
    clearInterval(this.watched);
    this.listening.abort();
  }
  // What was seen counts as shown only once it was: a busy screen is tried again at the next look.
  async look() {
    if (this.looking) return;
    this.looking = true;
    try {
      const asks = this.seen ? { "If-None-Match": this.seen } : {};
      const response = await fetch(this.getAttribute("watch"), { cache: "no-store", headers: asks, signal: AbortSignal.timeout(10_000) });
      if (response.status === 304) hearNothingNew();
      const version = response.ok && !response.redirected && response.headers.get("ETag"); // 304, nothing new, is not ok
      if (version && version !== this.seen && (await this.take(response))) this.seen = version; // the first time, too: the page may be older
    } catch { /* the next look tries again, and the line says as of when */ }
    this.looking = false;
  }
  async take(response) {
    if (response.status === 204) return refresh();
    const page = await pageFrom(response);
    hear(page);
    dispatchEvent(new CustomEvent("nb:heard"));
    return show(page);
  }
  say() {
    const live = age() < 30_000 && navigator.onLine;
    const state = live ? "live" : "late";
    const words = live ? "Live" : `as of ${asOf()}`;
    if (this.getAttribute("state") !== state) this.setAttribute("state", state);
    const line = this.querySelector(".words");
    if (line && line.textContent !== words) line.textContent = words;
  }
}
customElements.define("live-line", LiveLine);
