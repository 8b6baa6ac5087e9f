// Acknowledge on an alert's page when the server does not answer: kept with the token of the page that this device was
// sent, so that it counts for that page whenever it arrives. Without such a page the form keeps what was pressed.
import { recentPages, report } from "./outbox.js";

let sent = [];
const look = async () => { sent = await recentPages().catch(() => []); };
look();
navigator.serviceWorker?.addEventListener("message", look);

addEventListener("nb:unsent", (event) => {
  const { ack } = event.target.dataset;
  const page = ack && sent.find(({ path }) => path === `/alerts/${ack}`);
  if (!page) return;
  event.preventDefault(); // said here instead of "Not saved"
  keep(page, event.target.querySelector("button"));
});

async function keep({ page, receipt_url, url, tag, title }, button) {
  const pressed = new Date().toLocaleTimeString("en-GB");
  if (await report(receipt_url, "acked", { page, receipt_url, url, tag, title })) return location.reload();
  button.disabled = true;
  button.classList.add("saved");
  button.querySelector(".verb").textContent = "Your ack is saved, not sent";
  const hint = button.querySelector(".hint") ?? button.appendChild(Object.assign(document.createElement("span"), { className: "hint" }));
  hint.textContent = `You pressed at ${pressed}. Until it is sent, others are still paged.`;
}
