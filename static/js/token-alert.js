// <token-alert>: the alert of this address, drawn without a login by the token a push brought, and without a network
// from what the device kept. Opening it never acknowledges; one big button does, and says what is true.
import { moment } from "./local-time.js";
import { flush, pending, recentPages, report } from "./outbox.js";

// The page this device was sent about an alert's address; with the token of the address it needs none.
async function pageAt(path) {
  const kept = (await recentPages().catch(() => [])).find((page) => page.path === path);
  const token = path === location.pathname && new URLSearchParams(location.hash.slice(1)).get("t");
  return token ? { ...kept, receipt_url: `/r/${token}`, url: location.href } : kept;
}

// Null: kept, to be sent when there is a network.
function acknowledge({ page, receipt_url, url, tag, title }) {
  return report(receipt_url, "acked", { page, receipt_url, url, tag, title });
}

const path = (url) => new URL(url, location.href).pathname;
const hour = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);

class TokenAlert extends HTMLElement {
  async connectedCallback() {
    this.dock = document.getElementById("token-dock");
    this.page = await pageAt(location.pathname);
    if (!this.page) return;
    document.querySelector("saved-pages")?.remove(); // this one is what was asked for
    for (const part of document.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== "known";
    this.dock.querySelector("[data-act=acknowledge]").addEventListener("click", () => this.press());
    addEventListener("online", () => flush().then(() => this.ask()));
    navigator.serviceWorker?.addEventListener("message", () => this.ask());
    if (this.page.card) await this.draw(this.known(this.page.card));
    await this.ask();
  }

  known({ title, severity, service, since, says }) {
    return { title: title.replace(/ · [A-Z][a-z]+$/, ""), severity, service, started_at: since, says, status: "triggered" };
  }

  // What is true now. Asking also tells that the page was opened.
  async ask() {
    const sent = await report(this.page.receipt_url, "clicked").catch(() => null);
    for (const part of document.querySelectorAll("[data-offline]")) part.hidden = Boolean(sent);
    if (sent?.answer?.alert) return this.draw(sent.answer.alert);
    if (sent) return this.draw({ status: "gone" }, sent.answer?.sentence ?? "This page is over.");
  }

  async press() {
    this.verb("Sending", "");
    const sent = await acknowledge(this.page);
    const alert = sent?.answer?.alert ?? this.alert;
    return this.draw(alert ?? { status: "triggered" }, sent?.answer?.sentence);
  }

  async draw(alert, sentence) {
    this.alert = alert.title ? alert : this.alert;
    const waiting = (await pending().catch(() => [])).find(({ url }) => path(url) === path(this.page.receipt_url));
    const parts = this.alert ? [this.piece("alert", { ...this.slots(this.alert) })] : [];
    const saying = sentence ?? this.sentence(alert);
    if (waiting) parts.push(this.piece("saved", { says: this.unsent(waiting) }));
    else if (saying) parts.push(this.piece("standing", { says: saying }));
    else if (alert.next_at || alert.says) parts.push(this.piece("next", { says: alert.next_at ? `Somebody else is paged at ${moment(alert.next_at)}` : alert.says }));
    for (const old of [...this.children]) if (!["TEMPLATE", "NOSCRIPT"].includes(old.tagName)) old.remove();
    this.append(...parts);
    this.querySelector("[data-act=flush]")?.addEventListener("click", () => flush().then(() => this.ask()));
    if (this.alert) document.title = `${this.alert.title} · Nightbell`;
    const takes = alert.takes ?? (alert.status === "triggered" ? 1 : 0); // one answer is for all that came in the message
    this.dock.hidden = !waiting && (!takes || Boolean(sentence));
    if (waiting) this.verb("Will send when online", `ack pressed ${hour(new Date(waiting.body.at))}`, true);
    else if (takes > 1) this.verb(`Acknowledge all ${takes}`, "All that came in one message.");
    else this.verb(alert.status === "triggered" ? "Acknowledge" : "Acknowledge the other one", "I have it. Stop paging others.");
  }

  sentence({ status, is_yours, acknowledged_by, newer_run }) {
    if (newer_run && status === "triggered") return "This page is from before the alert came back. Acknowledge the newer one, or sign in.";
    if (status === "acknowledged") return is_yours ? "You have it. Nobody else is paged." : `${acknowledged_by ?? "Somebody at the source"} has it. You need do nothing.`;
    return status === "resolved" ? "It is over. You need do nothing." : null;
  }

  unsent({ body }) {
    const next = this.alert?.next_at ? ` and pages the next person at ${moment(this.alert.next_at)}` : ", and pages on";
    return `You pressed Acknowledge at ${hour(new Date(body.at))}. It goes out the moment this device has a network. Until then Nightbell does not know${next}.`;
  }

  slots({ title, service, started_at, severity, number }) {
    const facts = [service, started_at && `since ${moment(started_at)}`].filter(Boolean).join(" · ");
    const badge = this.querySelector(`template[data-badge="${CSS.escape(severity ?? "error")}"]`)?.content.cloneNode(true);
    return { title, facts, badge, number: number ?? location.pathname.split("/").pop() };
  }

  piece(name, slots) {
    const piece = this.querySelector(`template[data-piece=${name}]`).content.cloneNode(true);
    for (const slot of piece.querySelectorAll("[data-slot]")) slot.replaceChildren(slots[slot.dataset.slot] ?? "");
    return piece;
  }

  verb(word, hint, saved = false) {
    const button = this.dock.querySelector("[data-act=acknowledge]");
    button.classList.toggle("saved", saved);
    button.disabled = saved || word === "Sending";
    button.querySelector("[data-slot=verb]").textContent = word;
    button.querySelector("[data-slot=hint]").textContent = hint;
  }
}
customElements.define("token-alert", TokenAlert);

// A signed-in page opened from a push tells that it was opened, too.
const token = new URLSearchParams(location.hash.slice(1)).get("t");
if (token && !document.querySelector("token-alert")) report(`/r/${token}`, "clicked").catch(() => {});
