// Part of sw.js: the offline page with all that it names is kept, and stands in for a page that does not come.
// The offline page itself draws the alerts that this device was sent; of what needed a login only an incident's playbooks are kept.
{
  const SHELL = "shell-1";
  const OFFLINE = "/offline";
  const PLAYBOOKS = "playbooks"; // kept by the incident's page (kept-playbooks.js), forgotten with the sign-in
  const PATIENCE = 3000; // milliseconds that a page may take when this device can draw it itself

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
    if (request.mode === "navigate") event.respondWith(navigate(request));
    else if (["style", "script", "image", "manifest"].includes(request.destination)) event.respondWith(part(request));
  });

  const install = async () => {
    self.skipWaiting();
    await keepShell().catch(() => {}); // a worker without an offline page is better than none
  };

  const activate = async () => {
    for (const name of await caches.keys()) if (![SHELL, PLAYBOOKS].includes(name)) await caches.delete(name);
    await self.clients.claim();
  };

  // The page, its styles, scripts and pictures, and the scripts that those import.
  const keepShell = async () => {
    const shell = await caches.open(SHELL);
    const named = /<(?:link|script|img)[^>]+(?:href|src)="(\/[^"]+)"|(?:from|import) "(\.\/[^"]+)"/g;
    const wanted = new Set([OFFLINE]);
    for (const path of wanted) { // a set may grow while it is walked
      const response = await fetch(path, { cache: "reload", credentials: "omit" });
      if (!response.ok) continue;
      await shell.put(path, response.clone());
      if (!/html|javascript/.test(response.headers.get("Content-Type"))) continue;
      for (const [, absolute, relative] of (await response.text()).matchAll(named))
        wanted.add(absolute ?? new URL(relative, new URL(path, self.location.origin)).pathname);
    }
  };

  const navigate = async (request) => {
    const sent = await self.nightbellDevice.recentPages().catch(() => []);
    const mine = sent.some((page) => page.path === new URL(request.url).pathname);
    const late = new Promise((_, give_up) => mine && setTimeout(give_up, PATIENCE));
    return Promise.race([fetch(request), late]).catch(async () => (await caches.match(request.url, { cacheName: PLAYBOOKS })) ?? kept(OFFLINE));
  };
  const part = (request) => fetch(request).catch(() => kept(request));
  const kept = async (what) => (await caches.match(what)) ?? Response.error();
}
