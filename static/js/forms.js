// <form data-swap>: sent in place; the answered page's live regions are swapped in. Without a script it is a plain form.
// An act is shown as done only after the server said so; when it did not answer, nothing typed is lost.
import { refresh } from "./live-line.js";
import { fetchPage, show } from "./swap.js";
import { say } from "./undo-toast.js";

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-swap]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  send(form, event.submitter);
});

async function send(form, button) {
  form.dataset.busy = "yes";
  const before = sending(button);
  try {
    const { response, page } = await fetchPage(form.action, { method: "POST", body: new FormData(form, button) });
    const there = new URL(response.url).pathname;
    if (response.ok && response.redirected && there !== location.pathname && there !== "/login") {
      return location.assign(response.url);
    }
    if (!response.ok || there === "/login") return refused(page, response);
    form.closest("dialog")?.close(); // its own: one that was opened while the server thought stays
    form.reset();
    show(page, { asked: true });
  } catch {
    if (!form.dispatchEvent(new CustomEvent("nb:unsent", { bubbles: true, cancelable: true, detail: { button } }))) return;
    say("Not saved: the server did not answer. Your text is kept here.", { failed: true, word: "Try again", action: () => form.requestSubmit(button) });
  } finally {
    delete form.dataset.busy;
    before();
  }
}

function refused(page, response) {
  const words = page.querySelector("[data-problem]")?.textContent.trim();
  if (new URL(response.url).pathname === "/login") return say("Your login ended. Sign in, then do this again.", { failed: true, word: "Sign in", action: () => location.reload() });
  for (const sheet of document.querySelectorAll("dialog[open]")) sheet.close();
  say(words || `Not done: the server answered ${response.status}.`, { failed: true });
  return refresh({ asked: true });
}

// The tap has an answer within a frame; the word comes back when the server has spoken.
function sending(button) {
  if (!button) return () => {};
  const verb = button.querySelector(".verb span") ?? button;
  const word = verb.textContent;
  button.setAttribute("aria-busy", "true");
  if (button.closest(".dock")) verb.textContent = "Sending";
  return () => {
    button.removeAttribute("aria-busy");
    if (verb.textContent === "Sending") verb.textContent = word;
  };
}
