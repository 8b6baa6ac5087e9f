// Keys for a desk: a s e r act, j k move, x ticks, g then n i o t goes, ? lists them. They can be switched off there.
const PLACES = { n: "/", i: "/incidents", o: "/on-call", t: "/trends", m: "/me" };
const LIST = [["a", "Acknowledge"], ["s", "Snooze"], ["e", "Escalate now"], ["r", "Reassign"], ["j k", "Next, previous row"], ["x", "Tick the row"], ["/", "Search"], ["g n", "Now"], ["g i", "Incidents"], ["g o", "On-call"], ["g t", "Trends"]];
let going = 0;
const off = () => localStorage.getItem("keys") === "off";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  if (event.key === "?") return help();
  if (off()) return;
  if (event.key === "/") { event.preventDefault(); return location.assign("/search"); }
  if (Date.now() - going < 1500 && PLACES[event.key]) return location.assign(PLACES[event.key]);
  going = event.key === "g" ? Date.now() : 0;
  const act = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (act) { event.preventDefault(); act.click(); act.focus(); }
  else if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.key === "x") document.activeElement?.closest(".row")?.querySelector("input[type=checkbox]")?.click();
});

function move(by) {
  const rows = [...document.querySelectorAll("main .row a.name")];
  const here = rows.indexOf(document.activeElement?.closest?.(".row")?.querySelector("a.name"));
  rows[Math.min(rows.length - 1, Math.max(0, here + by))]?.focus();
}

function help() {
  const sheet = document.createElement("dialog");
  sheet.setAttribute("aria-label", "Keys");
  const list = Object.assign(document.createElement("dl"), { className: "facts-list" });
  for (const [keys, does] of LIST) list.append(Object.assign(document.createElement("dt"), { textContent: keys }), Object.assign(document.createElement("dd"), { textContent: does }));
  const turn = Object.assign(document.createElement("button"), { className: "button block", textContent: off() ? "Switch single keys on" : "Switch single keys off" });
  turn.onclick = () => { localStorage.setItem("keys", off() ? "on" : "off"); sheet.close(); };
  const stack = Object.assign(document.createElement("div"), { className: "stack" });
  stack.append(Object.assign(document.createElement("h2"), { textContent: "Keys" }), list, turn);
  sheet.append(stack);
  sheet.onclose = () => sheet.remove();
  document.body.append(sheet);
  sheet.showModal();
}
