// The server's time, never the phone's: what the page was drawn with, plus what has passed since.
let known = Date.parse(document.documentElement.dataset.now);
let heard = performance.getEntriesByType("navigation")[0]?.responseStart || performance.now();
let zone = document.documentElement.dataset.zone || "UTC";

/** A fresh page says what time it is. */
export function hear(page) {
  const said = Date.parse(page.documentElement.dataset.now);
  if (!said) return;
  known = said;
  heard = performance.now();
}
/** The server spoke, and what we show is still so. */
export function hearNothingNew() {
  known = serverNow();
  heard = performance.now();
}
/** Now on the server, in milliseconds. */
export const serverNow = () => known + (performance.now() - heard);
/** How old what we show is, in milliseconds. */
export const age = () => performance.now() - heard;
/** "03:12:51" in the viewer's zone. */
export const exact = (at) => time(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** When the server last spoke. */
export const asOf = () => exact(known);

function time(at, parts) {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...parts, hourCycle: "h23", timeZone: zone }).format(at);
  } catch {
    zone = "UTC";
    return time(at, parts);
  }
}
