// What this device keeps in IndexedDB: pages it was sent, acts not yet sent, and who it is to the server.
// A classic script, since sw.js takes it by importScripts, which every browser with push knows; pages import it
// through outbox.js. It puts one name into the global scope: nightbellDevice.
self.nightbellDevice = (() => {
  const PAGES_KEPT = 500;
  const PATIENCE = 8000; // milliseconds for one report

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  let opening;
  const open = () => (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("nightbell", 1);
    request.onupgradeneeded = () => {
      const { result } = request;
      result.createObjectStore("pages", { keyPath: "page" }).createIndex("at", "at");
      result.createObjectStore("outbox", { autoIncrement: true });
      result.createObjectStore("device");
    };
    request.onerror = () => { opening = undefined; reject(request.error); };
    request.onsuccess = () => {
      request.result.onclose = request.result.onversionchange = () => { request.result.close(); opening = undefined; };
      resolve(request.result);
    };
  }));
  const store = async (name, mode = "readonly") =>
    (await open()).transaction(name, mode, { durability: "strict" }).objectStore(name);

  // Pages: { page, at, tag, kind, url, path, receipt_url, exp, card, sentence? }. The card is what an alert looked
  // like when it was sent, for drawing it without a network; the sentence is what became of our acknowledgement.
  const pageBy = async (id) => done((await store("pages")).get(id));
  const keepPage = async (page) => {
    const pages = await store("pages", "readwrite");
    await done(pages.put(page));
    let excess = (await done(pages.count())) - PAGES_KEPT;
    if (excess <= 0) return;
    pages.index("at").openCursor().onsuccess = ({ target: { result: oldest } }) => {
      if (!oldest || excess-- <= 0) return;
      oldest.delete();
      oldest.continue();
    };
  };
  const recentPages = async () => {
    const pages = await done((await store("pages")).index("at").getAll());
    return pages.filter((page) => page.kind === "page" && page.exp * 1000 > Date.now()).reverse();
  };
  const forgetPages = async () => done((await store("pages", "readwrite")).clear());

  // The address of this origin that an absolute one means: a report never leaves it, whatever a payload says.
  const here = (url) => {
    const { pathname, search, hash } = new URL(url, self.location.origin);
    return new URL(pathname + search + hash, self.location.origin).href;
  };

  // Posts and gives { status, answer }; null when nobody can say whether it arrived.
  const post = async (url, body) => {
    try {
      const response = await fetch(here(url), {
        method: "POST", credentials: "omit", cache: "no-store", redirect: "error",
        headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
        signal: AbortSignal.timeout?.(PATIENCE),
      });
      if (response.status >= 500 || [408, 425, 429].includes(response.status)) return null;
      return { status: response.status, answer: await response.json().catch(() => null) };
    } catch {
      return null;
    }
  };

  // Posts, or keeps it for later and gives null. `about` comes back with the answer when it is sent after all.
  const send = async (url, body, about = {}) => {
    const sent = await post(url, body);
    if (sent) return sent;
    await done((await store("outbox", "readwrite")).add({ url, body, about, at: Date.now() }));
    await self.registration?.sync?.register("outbox").catch(() => {});
    return null;
  };
  const report = (receiptUrl, stage, about) => send(receiptUrl, { stage, at: new Date().toISOString() }, about);

  // What the person pressed and the server does not know yet; receipts of the device itself are not counted.
  const pending = async () => {
    const waiting = await done((await store("outbox")).getAll());
    return waiting.filter(({ body }) => body.stage === "acked");
  };

  // Sends what waits, oldest first, until the network fails. Gives [{ body, about, status, answer }].
  const flush = () => {
    const work = async () => {
      const sent = [];
      const keys = await done((await store("outbox")).getAllKeys());
      for (const key of keys) {
        const entry = await done((await store("outbox")).get(key));
        const result = entry && (await post(entry.url, entry.body));
        if (entry && !result) break;
        await done((await store("outbox", "readwrite")).delete(key));
        if (entry) sent.push({ ...entry, ...result });
      }
      return sent;
    };
    return navigator.locks ? navigator.locks.request("nightbell-outbox", work) : work(); // a page may flush too
  };

  // Who this device is: { endpoint, key, secret, renewal_url }, written by the page that subscribes.
  const device = async () => done((await store("device")).get("push"));
  const keepDevice = async (record) => done((await store("device", "readwrite")).put(record, "push"));

  return { pageBy, keepPage, recentPages, forgetPages, send, report, pending, flush, device, keepDevice, here };
})();
