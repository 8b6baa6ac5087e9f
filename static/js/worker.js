// The page's side of sw.js: starting it, and subscribing this device to be paged.
import { device, keepDevice } from "./outbox.js";

const PATIENCE = 10_000; // milliseconds: a browser that cannot reach its push service never answers at all
const policy = window.trustedTypes?.createPolicy("nightbell-worker", { createScriptURL: () => "/sw.js" });

/** The worker's registration; null where the browser has no workers. */
export async function start() {
  if (!navigator.serviceWorker) return null;
  await navigator.serviceWorker.register(policy?.createScriptURL("") ?? "/sw.js", { updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}

/** Subscribes with the server's public key, again where that has changed, and gives what the server must know:
    `subscription.toJSON()` and this device's secret, with which sw.js renews it at `renewalUrl` without a login.
    Asks for permission, so it is called after a tap. Throws where the person, the browser or its service says no. */
export async function subscribe(publicKey, renewalUrl) {
  const key = Uint8Array.from(atob(publicKey.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const { pushManager } = await start();
  let subscription = await pushManager.getSubscription();
  if (subscription && !isSame(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe(); // a second key is refused while the first is in use
    subscription = null;
  }
  subscription ??= await soon(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const secret = (await device())?.secret ?? hex(crypto.getRandomValues(new Uint8Array(32)));
  await keepDevice({ endpoint: subscription.endpoint, key, secret, renewal_url: renewalUrl });
  return { ...subscription.toJSON(), secret, application_server_key: publicKey };
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const isSame = (one, other) => one && hex(new Uint8Array(one)) === hex(other);
const soon = (work) => Promise.race([work, new Promise((_, give_up) => {
  setTimeout(give_up, PATIENCE, new Error("The browser's push service did not answer in 10 s."));
})]);
