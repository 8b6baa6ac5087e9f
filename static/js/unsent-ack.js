// Acknowledging on a page of the app while nothing answers: the push's token is used instead, kept until it can be
// sent. Violet and "not sent", never green. And a page opened from a push tells that it was opened.
import { flush, report } from "./outbox.js";
import { acknowledge, pageAt } from "./token-alert.js";
import { exact } from "./server-clock.js";
import { say } from "./undo-toast.js";

addEventListener("nb:unsent", (event) => {
  const form = event.target;
  if (!form.dataset.ack) return;
  event.preventDefault();
  keep(form);
});

async function keep(form) {
  const page = await pageAt(`/alerts/${form.dataset.ack}`);
  if (!page) return say("Not sent: the server did not answer, and this device was not paged about it. Others are still paged.", { failed: true, word: "Try again", action: () => form.requestSubmit() });
  const pressed = exact(Date.now());
  const sent = await acknowledge(page);
  if (sent) return say(sent.answer?.sentence ?? "Sent.");
  const button = form.querySelector(".acknowledge");
  button.classList.add("saved");
  button.disabled = true;
  button.querySelector(".verb span").textContent = "Will send when online";
  button.append(Object.assign(button.querySelector(".hint") ?? document.createElement("span"), { className: "hint", textContent: `ack pressed ${pressed}` }));
  return say(`Your ack is saved, not sent. You pressed at ${pressed}. Until it is sent, others are still paged.`, { failed: true, word: "Try now", action: flush });
}

const token = new URLSearchParams(location.hash.slice(1)).get("t");
if (token && !document.querySelector("token-alert")) report(`/r/${token}`, "clicked").catch(() => {});
