// Every page starts here. Each behaviour is one file; pages work without any of them.
import "./swap.js";
import "./escalation-countdown.js";
import "./local-time.js";
import "./live-line.js";
import "./undo-toast.js";
import "./offline-banner.js";
import "./forms.js";
import "./sheets.js";
import "./kept-draft.js";
import "./kept-forms.js";
import "./kept-playbooks.js";
import "./ticks.js";
import "./chosen-in-view.js";
import "./keys.js";
import "./offline-ack.js";
import "./saved-pages.js";
import "./sign-out.js";
import "./token-alert.js";
import { keep } from "./push-line.js";
import { start } from "./worker.js";

// The worker shows pages and keeps what is needed without a network; a page works without it.
addEventListener("load", () => start().catch(() => {}));
keep().catch(() => {}); // a line that cannot be looked at now is looked at on the next page
