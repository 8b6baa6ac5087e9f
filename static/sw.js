// The part of Nightbell that is awake when no page is open: it shows what is sent, says so, and acknowledges.
// It knows no address of the app: each comes with what was sent. Whatever it does for an event is in one waitUntil,
// or the browser may stop it half way.
const scripts = self.trustedTypes?.createPolicy("nightbell-worker", { createScriptURL: (path) => path });
for (const path of ["/static/js/device-store.js", "/static/js/offline-shell.js"])
  importScripts(scripts?.createScriptURL(path) ?? path);
const device = self.nightbellDevice;

self.addEventListener("push", (event) => event.waitUntil(receive(event)));
self.addEventListener("notificationclick", (event) => event.waitUntil(press(event)));
self.addEventListener("notificationclose", (event) => event.waitUntil(dismiss(event.notification)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
self.addEventListener("sync", (event) => event.waitUntil(catchUp()));
self.addEventListener("message", (event) => {
  if (event.data === "flush") event.waitUntil(catchUp().finally(() => event.ports[0]?.postMessage("flushed")));
});

// Being sent something

async function receive(event) {
  const { title, data, badge, ...options } = read(event);
  const told = tell(data, "received"); // at the same time as showing, never after it
  const known = data.page ? await inTime(device.pageBy(data.page)) : null;
  const rest = [told, known ? null : keep(data, options.tag, title), tellPages(), catchUp()];
  if (Number.isInteger(badge)) rest.push(navigator.setAppBadge?.(badge));
  if (known?.sentence) {
    await answer(known, known.sentence); // sent again, though acknowledged here: say that instead
  } else {
    if (known) options.renotify = false; // the same page once more: one notification, one sound
    await show(title, { ...options, data });
    rest.push(tell(data, "shown"));
  }
  await Promise.allSettled(rest);
}

// A push that shows nothing costs the subscription, so what cannot be read still opens the app.
function read(event) {
  let sent;
  try {
    sent = event.data.json().notification;
  } catch { /* cut, empty, or not ours */ }
  sent ??= event.notification; // declarative push: the browser has read it and asks us before showing it
  const home = self.registration.scope;
  if (!sent?.title)
    return { title: "Nightbell has news", body: "Open it to see what needs you.", tag: "unreadable", renotify: true, data: { url: home } };
  const { title, body, lang, dir, tag, requireInteraction, renotify, actions = [], app_badge: badge } = sent;
  const data = sent.data?.v === 1 ? sent.data : { url: sent.data?.url ?? home }; // a later version is only shown
  // `navigate` stays behind: with it the browser opens the address itself and never asks us
  const buttons = data.receipt_url ? actions.map(({ action, title: words }) => ({ action, title: words })) : [];
  return { title, body, lang, dir, tag, requireInteraction, renotify: Boolean(tag && renotify), actions: buttons, data, badge };
}

async function show(title, options) {
  for (const replaced of await self.registration.getNotifications({ tag: options.tag })) closing(replaced.data);
  const look = { icon: "/static/icons/icon-192.png", badge: "/static/icons/badge-96.png" };
  try {
    await self.registration.showNotification(title, { ...look, ...options });
  } catch { // an option that this browser does not take: the words matter more
    await self.registration.showNotification(title, { body: options.body, tag: options.tag, data: options.data });
  }
}

async function keep({ page, kind, url, receipt_url, exp, card }, tag, title) {
  if (page) await device.keepPage({ page, kind, url, path: new URL(url).pathname, receipt_url, exp, card, tag, title, at: Date.now() });
}

// Being pressed

async function press({ notification, action }) {
  const { data, tag, title } = notification;
  closing(data);
  notification.close();
  if (action === "ack" && data?.receipt_url) return acknowledge({ ...data, tag, title });
  await Promise.allSettled([open(data?.url), tell(data, "clicked")]);
}

// Firefox reports what we close or replace as if somebody had waved it away; only that one is worth telling.
const closedByUs = new Map();
const closing = (data) => data?.page && closedByUs.set(data.page, Date.now());

async function dismiss({ data }) {
  if (Date.now() - (closedByUs.get(data?.page) ?? 0) > 2000) await tell(data, "closed");
}

async function acknowledge({ page, kind, receipt_url, url, tag, title }) {
  const about = { page, receipt_url, url, tag, title };
  const time = new Date().toLocaleTimeString("en-GB");
  const sent = await device.report(receipt_url, "acked", about);
  if (sent) return answer(about, sent.answer?.sentence);
  const [what, until] = kind === "notice"
    ? ["answer", "You are on call in either case."]
    : ["ack", "Until it is sent, others are still paged."];
  const body = `You pressed at ${time}. ${until}`;
  await show(`Your ${what} is saved, not sent`, { body, tag, requireInteraction: true, silent: true, data: { url } });
  await Promise.allSettled([open(url), tellPages()]);
}

// What the server says of an acknowledgement takes the page's place: "You have it. Nobody else is paged."
async function answer({ page, url, tag, title }, sentence = "Open Nightbell to see who has it.") {
  const [first, ...rest] = sentence.split(/(?<=\.) /);
  await show(first.replace(/\.$/, ""), { body: [rest.join(" "), title].join("\n").trim(), tag, silent: true, data: { url } });
  const known = page && (await inTime(device.pageBy(page)));
  if (known) await device.keepPage({ ...known, sentence });
  await tellPages();
}

async function open(url = self.registration.scope) {
  const wanted = new URL(device.here(url));
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((client) => new URL(client.url).pathname === wanted.pathname);
  if (!there) return self.clients.openWindow(wanted.href);
  await there.focus();
  if (there.url !== wanted.href) await there.navigate(wanted.href);
}

// Telling others

async function tell(data, stage) {
  if (data?.receipt_url) await device.report(data.receipt_url, stage).catch(() => {});
}

// What could not be sent at its time. The answer to a late acknowledgement is shown where its page was.
async function catchUp() {
  for (const { body, about, answer: said } of await device.flush())
    if (body.stage === "acked") await answer(about, said?.sentence);
}

async function tellPages() {
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage("changed");
}

// The browser took the subscription away: make another, and tell the server with this device's own secret.
async function renew({ oldSubscription, newSubscription }) {
  const record = await device.device();
  const applicationServerKey = oldSubscription?.options?.applicationServerKey ?? record?.key;
  if (!record || !applicationServerKey) return; // the app's next opening subscribes again
  const wish = { userVisibleOnly: true, applicationServerKey };
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(wish));
  const old_endpoint = oldSubscription?.endpoint ?? record.endpoint;
  await device.send(record.renewal_url, { old_endpoint, secret: record.secret, subscription: subscription.toJSON() });
  await device.keepDevice({ ...record, endpoint: subscription.endpoint });
}

// IndexedDB may hang on a full or damaged disk; a page does not wait for it.
function inTime(work) {
  return Promise.race([work, new Promise((resolve) => setTimeout(resolve, 1000, null))]).catch(() => null);
}
