"""What the two lengths of a response mean and how they are told, for whoever asks."""

DEFINITIONS = {
    "time_to_acknowledge": (
        "From detection (for alerts: from the first firing) to the first acknowledgement by a human. What was"
        " resolved without one waited until then and no longer; the footer counts it."
    ),
    "time_to_resolve": (
        "From detection to the last resolve known at that time. What was reopened and not resolved again is"
        " open; what was closed without a known resolve is left out and counted."
    ),
}
METHOD = (
    "While anything is open, the median is the Kaplan–Meier one with its 95 % log-log interval, so the ones"
    " still waiting count; once all are over, the plain median with the exact order-statistic interval. Fewer"
    " than 6: no median; fewer than 20: no p90 and no comparison. The change is a log-rank test within"
    " severities against the window of the same length just before, and is only said when p is under 0.05."
)
