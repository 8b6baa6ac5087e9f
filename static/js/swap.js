// Put fresh regions of a page in the place of old ones: every element with an id and data-live.
// Nothing moves under the finger: a swap waits while the screen is touched, a sheet is open or a field is in use.
import { pageFrom } from "./fragment.js";
import { hear } from "./server-clock.js";

const drawn = new WeakMap(); // region -> its html as the server sent it, before scripts touched it
const source = (region) => region.outerHTML.replace(/ value="[^"]*"(?= ?\/?>)/g, (value) => (value.length > 60 ? "" : value));
const regions = (root) => root.querySelectorAll("[data-live][id]");
for (const region of regions(document)) drawn.set(region, source(region));

let touched = 0;
let held = false;
for (const kind of ["pointerdown", "pointermove"]) addEventListener(kind, () => { held = kind === "pointerdown" || held; touched = Date.now(); }, { passive: true });
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => { held = false; }, { passive: true });

const busy = () =>
  (held && Date.now() - touched < 10_000) ||
  document.querySelector("dialog[open]") !== null ||
  document.activeElement?.matches("main :is(input:not([type=checkbox]), textarea, select)");

/** Ask for a page of our own and read it. */
export async function fetchPage(url, options = {}) {
  const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(15_000), ...options });
  const page = await pageFrom(response);
  hear(page);
  return { response, page };
}

/** Show what is fresh. `asked`: the person did something, so it is shown at once. Answers whether it was shown. */
export function show(page, { asked = false } = {}) {
  if (!asked && busy()) return false;
  for (const old of regions(document)) {
    const fresh = page.getElementById(old.id);
    if (!fresh || (old.id === "toasts" && !asked)) continue;
    if (old.querySelector("dialog[open]")) continue; // opened while the server thought: fresh at the next look
    const html = source(fresh);
    if (html === drawn.get(old)) continue;
    if (!asked && waits(old, fresh, page)) continue;
    put(old, fresh, html);
  }
  for (const token of page.querySelectorAll("input[name=csrf_token]")) {
    for (const mine of document.querySelectorAll("input[name=csrf_token]")) mine.value = token.value;
    break;
  }
  document.title = page.title || document.title;
  return true;
}

function put(old, fresh, html) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const ticked = [...old.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
  const changes = old.querySelector("[data-guard]")?.dataset.guard !== fresh.querySelector("[data-guard]")?.dataset.guard;
  const region = document.importNode(fresh, true);
  drawn.set(region, html);
  old.replaceWith(region);
  if (changes) guard();
  for (const box of region.querySelectorAll("input[type=checkbox]")) box.checked ||= ticked.includes(box.value);
  for (const id of open) region.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  if (focused) focusLike(focused, region);
  region.dispatchEvent(new CustomEvent("nb:shown", { bubbles: true }));
}

// The focus stays with what is called the same; where that is gone it stays with the region, so that Tab goes on from there.
function focusLike(was, region) {
  const called = (one) => (one.getAttribute("aria-label") || one.textContent).trim();
  const same = (was.id && document.getElementById(was.id)) || (was.name && region.querySelector(`[name="${CSS.escape(was.name)}"]`))
    || [...region.querySelectorAll("a[href], button")].find((one) => called(one) === called(was) && !one.closest("dialog:not([open])"));
  if (!same) region.tabIndex = -1;
  (same || region).focus({ preventScroll: true });
}

// The action button belongs to one page. When that page was replaced, a tap already on its way must not hit the next.
let guarded = 0;
function guard() { guarded = Date.now(); }
addEventListener("click", (event) => {
  if (Date.now() - guarded < 400 && event.target.closest?.("[data-guard]")) { event.preventDefault(); event.stopPropagation(); }
}, { capture: true });

// New rows of a list that is scrolled wait behind a button, so that nothing slides away while it is read.
function waits(old, fresh, page) {
  if (!("rows" in old.dataset) || scrollY < 80) return false;
  const known = new Set([...old.querySelectorAll("[id]")].map((row) => row.id));
  const added = [...fresh.querySelectorAll("li[id]")].filter((row) => !known.has(row.id)).length;
  if (!added) return false;
  const button = document.querySelector("[data-waiting]");
  if (!button) return false;
  button.hidden = false;
  button.textContent = `${added} new ${added === 1 ? "alert" : "alerts"}, show`;
  button.onclick = () => { button.hidden = true; scrollTo({ top: 0 }); show(page, { asked: true }); };
  return true;
}
