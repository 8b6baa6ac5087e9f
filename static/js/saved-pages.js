// <saved-pages>: the pages this device was sent, drawn from what it keeps, to read and acknowledge with no network and
// no login. The one that the address names comes first; an address with #t=<token> is enough to acknowledge it.
import { pending, recentPages, report } from "./outbox.js";

class SavedPages extends HTMLElement {
  async connectedCallback() {
    const token = new URLSearchParams(location.hash.slice(1)).get("t");
    const pages = await recentPages().catch(() => []);
    const asked = pages.find((page) => page.path === location.pathname)
      ?? (token && { receipt_url: `/r/${token}`, url: location.href, card: { title: document.title }, title: document.title });
    const waiting = await pending().catch(() => []);
    const shown = [...new Set([asked, ...pages])].filter(Boolean);
    if (shown.length) this.replaceChildren(...shown.map((page) => draw(page, waiting)));
  }
}

function draw(page, waiting) {
  const { title, service, severity, since, says } = page.card;
  const card = element("section", "card");
  card.append(element("h2", "", title));
  const facts = [severity && severity[0].toUpperCase() + severity.slice(1), service, since && `since ${moment(since)}`];
  card.append(element("p", "muted", facts.filter(Boolean).join(" · ")), element("p", "", says));
  const dock = card.appendChild(element("div", "dock"));
  const kept = waiting.find(({ url }) => url === page.receipt_url);
  if (page.sentence) dock.append(element("p", "line", page.sentence));
  else if (kept) dock.append(saved(new Date(kept.body.at)));
  else dock.append(acknowledge(page, dock));
  return card;
}

function acknowledge(page, dock) {
  const button = element("button", "acknowledge", "Acknowledge");
  button.onclick = async () => {
    const pressed = new Date();
    button.disabled = true;
    button.textContent = "Sending";
    const { receipt_url, url, tag, title } = page;
    const sent = await report(receipt_url, "acked", { page: page.page, receipt_url, url, tag, title });
    const said = sent && element("p", "line", sent.answer?.sentence ?? "Open Nightbell to see who has it.");
    dock.replaceChildren(said ?? saved(pressed));
    if (!sent || !tag) return;
    const registration = await navigator.serviceWorker.getRegistration();
    for (const notification of await registration.getNotifications({ tag })) notification.close();
  };
  return button;
}

function saved(pressed) {
  const told = element("p", "banner pending");
  told.setAttribute("role", "status");
  told.append(element("b", "", "Your ack is saved, not sent."), ` You pressed at ${pressed.toLocaleTimeString("en-GB")}.`);
  return told;
}

const element = (name, className, textContent = "") => Object.assign(document.createElement(name), { className, textContent });
const moment = (iso) => new Date(iso).toLocaleString("en-GB", {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});

customElements.define("saved-pages", SavedPages);
