"""The SQL that reads a Nightbell database, each beside the columns it promises.

It keeps to what SQLite and PostgreSQL share. `:since` and `:until` bound the moment a row begins; NULL leaves
an end open. Plain text, for those who must not load pandas.
"""

# columns.INCIDENTS; its service is the first of those named, its reassignments are changes of commander
INCIDENTS = """
SELECT incident.id AS incident_id, incident.title,
       (SELECT min(service.name) FROM service
         WHERE service.id = (SELECT min(service_id) FROM incident_service WHERE incident_id = incident.id)
       ) AS service,
       team.name AS team, upper(incident.severity) AS severity, 'incident' AS kind,
       impact_started_at, detected_at, declared_at, acknowledged_at, mitigated_at, resolved_at, closed_at,
       incident.merged_into_id AS merged_into, reopen_count,
       (SELECT count(*) FROM event
         WHERE subject_kind = 'incident' AND subject_id = incident.id AND event.kind = 'commander_changed'
       ) AS reassignment_count
  FROM incident
  LEFT JOIN team ON team.id = incident.team_id
 WHERE (:since IS NULL OR detected_at >= :since) AND (:until IS NULL OR detected_at < :until)
   AND NOT incident.is_restricted AND incident.removed_at IS NULL
 ORDER BY detected_at, incident.id
"""

# columns.EVENTS; an event without an actor is the source's or the engine's. Where the engine went on to the
# next step of a run, or to the last resort, that is `escalated` without an actor: the log has `paged` there,
# and `escalated` only for what was done by hand. Whoever is asked first after a hand was asked by it
EVENTS = """
SELECT CASE WHEN subject_kind = 'incident' THEN subject_id END AS incident_id,
       CASE WHEN subject_kind = 'alert' THEN subject_id END AS alert_id,
       event.at,
       CASE WHEN event.kind IN ('paged', 'nobody_reached') AND subject_kind = 'alert'
             AND coalesce(CAST(data ->> 'reminder' AS TEXT), '0') = '0'
             AND (data ->> 'step' IS NOT NULL OR event.kind = 'paged' AND data ->> 'last_resort' IS NOT NULL)
             AND data ->> 'run' = (
                 SELECT earlier.data ->> 'run' FROM event AS earlier
                  WHERE earlier.subject_kind = 'alert' AND earlier.subject_id = event.subject_id
                    AND earlier.id < event.id
                    AND (earlier.kind = 'escalated'
                         OR earlier.kind IN ('paged', 'nobody_reached') AND earlier.data ->> 'step' IS NOT NULL)
                  ORDER BY earlier.id DESC LIMIT 1)
            THEN 'escalated' ELSE event.kind END AS kind,
       "user".name AS actor,
       data ->> 'team' AS team, data ->> 'from' AS "from", data ->> 'to' AS "to"
  FROM event
  LEFT JOIN "user" ON "user".id = event.actor_id
 WHERE subject_kind IN ('incident', 'alert')
   AND (:since IS NULL OR event.at >= :since) AND (:until IS NULL OR event.at < :until)
 ORDER BY event.at, event.id
"""

# columns.ALERTS; an acknowledgement taken back was one all the same: the log remembers what the row forgot
ALERTS = """
SELECT alert.id AS alert_id, coalesce(labels ->> 'alertname', alert.title) AS rule,
       service.name AS service, team.name AS team,
       coalesce(labels ->> 'instance', labels ->> 'source', labels ->> 'host') AS target,
       alert.severity, alert.created_at AS fired_at,
       coalesce(human.first_at, alert.acknowledged_at) AS acknowledged_at,
       CASE WHEN human.first_at IS NOT NULL OR alert.acknowledged_by_id IS NOT NULL THEN 'human'
            WHEN alert.acknowledged_at IS NOT NULL THEN 'source' END AS acknowledged_by,
       alert.resolved_at, alert.resolved_by,
       incident_alert.incident_id, NULL AS usefulness, alert.urgency, alert.reopen_count
  FROM alert
  JOIN service ON service.id = alert.service_id
  JOIN team ON team.id = alert.team_id
  LEFT JOIN incident_alert ON incident_alert.alert_id = alert.id
  LEFT JOIN (SELECT subject_id, min(at) AS first_at FROM event
              WHERE subject_kind = 'alert' AND kind IN ('acknowledged', 'snoozed') AND actor_id IS NOT NULL
              GROUP BY subject_id) AS human ON human.subject_id = alert.id
 WHERE (:since IS NULL OR alert.created_at >= :since) AND (:until IS NULL OR alert.created_at < :until)
 ORDER BY alert.created_at, alert.id
"""

# columns.PAGES; sent: a push service accepted it; delivered: a device reported it received or shown
PAGES = """
SELECT page.id AS page_id, "user".name AS "user",
       CASE WHEN subject_kind = 'alert' THEN subject_id END AS alert_id,
       CASE WHEN subject_kind = 'incident' THEN subject_id END AS incident_id,
       min(delivery.channel) AS channel, min(delivery.accepted_at) AS sent_at,
       min(coalesce(delivery.received_at, delivery.shown_at)) AS delivered_at,
       min(delivery.acked_at) AS answered_at
  FROM page
  JOIN "user" ON "user".id = page.user_id
  LEFT JOIN delivery ON delivery.page_id = page.id
 WHERE page.kind = 'page'
   AND (:since IS NULL OR page.created_at >= :since) AND (:until IS NULL OR page.created_at < :until)
 GROUP BY page.id, "user".name, subject_kind, subject_id
 ORDER BY page.id
"""


# columns.PEOPLE; the product keeps no hours of sleep that differ from the house's yet
PEOPLE = """
SELECT name AS "user", time_zone, NULL AS sleep_start, NULL AS sleep_end
  FROM "user" ORDER BY id
"""


# what columns.SHIFTS is made of: the book of who had it, a row an answer, its people as JSON
LEDGER = """
SELECT coalesce(schedule.name, 'a schedule that is gone') AS schedule, ledger_entry.start, ledger_entry."end",
       ledger_entry.people
  FROM ledger_entry LEFT JOIN schedule ON schedule.id = ledger_entry.schedule_id
 WHERE (:since IS NULL OR ledger_entry."end" IS NULL OR ledger_entry."end" > :since)
   AND (:until IS NULL OR ledger_entry.start < :until)
 ORDER BY ledger_entry.start, ledger_entry.id
"""
