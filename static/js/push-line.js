// This browser's line to the push service: open it, compare it with the server's, hand the worker its secret.
// Every app open looks whether the line still stands (the page asks at most once an hour).
const KEPT = "nightbell-device"; // the secret that lets the worker renew the line after the login ran out
const PATIENCE = 10_000; // some browsers never answer subscribe()
const EVERY = 3_600_000;

export const can = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Open a line with our key, over any old one, and register it. Rejects with words after ten seconds. */
export async function open(key) {
  const registration = await within(navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready), "The worker of this app did not start.");
  const old = await registration.pushManager.getSubscription();
  if (old && !sameKey(old, key)) await old.unsubscribe();
  const line = await within(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }), "The browser's push service did not answer in 10 s. Is there a network that lets it through?");
  return tell(line, { asked: true });
}

/** Whether the line stands, told to the server. Opens it again where the key or the browser changed it. */
export async function check(key) {
  if (!can() || Notification.permission !== "granted") return null;
  const registration = await navigator.serviceWorker.getRegistration("/");
  const line = await registration?.pushManager.getSubscription();
  if (line && sameKey(line, key)) return tell(line, { asked: false });
  return localStorage.getItem(KEPT) ? open(key) : null;
}

/** Close the line of this browser, after its device was removed. */
export async function close() {
  localStorage.removeItem(KEPT);
  const registration = await navigator.serviceWorker?.getRegistration("/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** Once an hour, on any page: is all as the server believes? */
export async function keep() {
  const last = Number(sessionStorage.getItem("nightbell-line") ?? 0);
  if (!can() || Notification.permission !== "granted" || Date.now() - last < EVERY) return;
  sessionStorage.setItem("nightbell-line", Date.now());
  const answer = await fetch("/push-subscriptions/key", { headers: { Accept: "application/json" } });
  if (answer.ok && !answer.redirected) await check((await answer.json()).key);
}

async function tell(line, { asked }) {
  const answer = await fetch("/push-subscriptions", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...line.toJSON(), asked, secret: localStorage.getItem(KEPT) }),
  });
  if (answer.status === 404) { await close(); return null; }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || `The server answered ${answer.status}.`);
  if (said.secret) localStorage.setItem(KEPT, said.secret);
  const worker = (await navigator.serviceWorker.ready).active;
  worker?.postMessage({ kind: "device", id: said.id, secret: localStorage.getItem(KEPT) });
  return said;
}

function within(promise, words) {
  return Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(words)), PATIENCE))]);
}
function sameKey(line, key) {
  const theirs = line.options?.applicationServerKey;
  return !theirs || text(new Uint8Array(theirs)) === key;
}
const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (raw) => btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
