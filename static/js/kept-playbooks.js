// The playbooks that an incident's page names are kept on this device, for the hour without a network. They go with the
// sign-in. Without a store for pages, as in a private window, nothing is kept.
const PLACE = "playbooks";
const MOST = 20;

export const forgetPlaybooks = async () => { await self.caches?.delete(PLACE); };

async function keep() {
  if (!self.caches || !navigator.onLine) return;
  const named = [...document.querySelectorAll("a[data-keep]")].slice(0, MOST).map((link) => link.href);
  if (!named.length) return;
  const store = await caches.open(PLACE);
  for (const old of (await store.keys()).slice(0, -MOST)) await store.delete(old);
  for (const url of named) {
    const response = await fetch(url, { credentials: "same-origin" });
    if (response.ok && !response.redirected) await store.put(url, response);
  }
}
addEventListener("load", () => keep().catch(() => {})); // one that cannot be kept now is kept at the next look
