// Every page starts here. Each behaviour is one file; pages work without any of them.
import "./swap.js";
import "./escalation-countdown.js";
import "./local-time.js";
import "./live-line.js";
import "./undo-toast.js";
import "./offline-banner.js";
import "./forms.js";
import "./sheets.js";
import "./ticks.js";
import "./keys.js";
import "./offline-ack.js";
import "./saved-pages.js";
