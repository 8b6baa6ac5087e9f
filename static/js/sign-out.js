// form[data-sign-out]: what this device keeps of the pages it was sent goes with the sign-in (SEC-33).
import { forgetPages } from "./outbox.js";
import { forgetPlaybooks } from "./kept-playbooks.js";

const PATIENCE = 1000; // milliseconds: signing out never waits for a store that does not answer

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-sign-out]")) return;
  event.preventDefault();
  Promise.race([Promise.all([forgetPages(), forgetPlaybooks()]), new Promise((later) => setTimeout(later, PATIENCE))]).catch(() => {}).finally(() => event.target.submit());
});
