// This browser's line to the push service, as the server knows it: opened after a tap, looked at on every app open.
import { device, keepDevice } from "./outbox.js";
import { subscribe } from "./worker.js";

const RENEWAL = "/push-subscriptions/renewal";
const EVERY = 3_600_000; // on any page, the line is looked at once an hour

export const can = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Open a line with our key, over any old one, and register it. Throws an Error with words for the person. */
export async function open(key) {
  return tell(await subscribe(key, RENEWAL), true);
}

/** Whether the line stands, as the server sees it too; opened again where the key or the browser changed it. */
export async function check(key) {
  if (!can() || Notification.permission !== "granted" || !(await device())) return null;
  return tell(await subscribe(key, RENEWAL), false);
}

/** Close the line of this browser, once its device was removed. */
export async function close() {
  await keepDevice(null);
  const registration = await navigator.serviceWorker?.getRegistration("/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** On any page, once an hour: is all as the server believes? */
export async function keep() {
  const last = Number(sessionStorage.getItem("nightbell-line") ?? 0);
  if (!can() || Notification.permission !== "granted" || Date.now() - last < EVERY) return;
  if (!document.getElementById("places")) return; // outside the doors nobody could answer
  const answer = await fetch("/push-subscriptions/key", { headers: { Accept: "application/json" } });
  if (!answer.ok) return; // nobody is signed in: the worker still renews by the device's secret
  sessionStorage.setItem("nightbell-line", Date.now());
  await check((await answer.json()).key);
}

async function tell(line, asked) {
  const answer = await fetch("/push-subscriptions", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...line, asked }),
  });
  if (answer.status === 404) { await close(); return null; } // the person removed this device, here or elsewhere
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || `The server answered ${answer.status}.`);
  return said;
}
