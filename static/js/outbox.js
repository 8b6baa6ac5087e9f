// The device's store, for pages: what was pressed and is not sent, what this device was sent, who it is.
import "./device-store.js";

export const { recentPages, forgetPages, report, pending, device, keepDevice } = self.nightbellDevice;

// The worker sends what waits, so that the notification of a late acknowledgement tells what came of it.
export async function flush() {
  const worker = (await navigator.serviceWorker?.getRegistration())?.active;
  if (!worker) return self.nightbellDevice.flush();
  const { port1, port2 } = new MessageChannel();
  const flushed = new Promise((resolve) => { port1.onmessage = resolve; });
  worker.postMessage("flush", [port2]);
  return Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 10_000))]);
}
