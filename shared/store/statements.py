"""Every statement that the SQLite store runs. Each verb is one statement: atomic by itself."""

from __future__ import annotations

FILE = """
-- What file this is: one statement, for another program may be making the schema meanwhile.
SELECT (SELECT application_id FROM pragma_application_id),
       (SELECT user_version FROM pragma_user_version),
       (SELECT count(*) FROM sqlite_schema)
"""

VERSION = """
-- What other connections have changed, and what this one has.
SELECT data_version, total_changes() FROM pragma_data_version
"""

UNFINISHED = """
SELECT 1
FROM errand
WHERE state IN ('waiting', 'called', 'serving', 'parked')
  AND (SELECT day FROM ticket WHERE id = errand.ticket) < :day
LIMIT 1
"""

EXPIRE = """
-- The service day has changed: what is unfinished from before will not be finished.
UPDATE errand
SET state = 'expired', at = :now
WHERE state IN ('waiting', 'called', 'serving', 'parked')
  AND (SELECT day FROM ticket WHERE id = errand.ticket) < :day
RETURNING id
"""

ISSUE = """
-- The next number of the series. Two kiosks cannot read the same maximum: a statement that
-- writes has the database to itself.
INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at, units)
SELECT
    :day, :series, coalesce(max(number), 0) + 1, :token, :language, :now,
    max(:now, coalesce((SELECT iif(day = :day, queued_at, 0)
                        FROM ticket
                        WHERE id = (SELECT max(id) FROM ticket)), 0)),
    :units
FROM ticket
WHERE day = :day AND series = :series
RETURNING
    id, day, series, number, token, language, issued_at, units,
    (SELECT max(people)
     FROM (SELECT (SELECT count(*)
                   FROM errand
                   WHERE unit = value AND state = 'waiting' AND errand.ticket <> ticket.id
                  ) AS people
           FROM json_each(:units))) AS ahead
"""

# What RETURNING says of a call. The journal row is there already: its trigger runs before.
_CALL = """
RETURNING
    (SELECT max(id)
     FROM journal
     WHERE day = (SELECT day FROM ticket WHERE id = errand.ticket) AND state = 'called') AS id,
    id AS errand, state, at, unit, counter, calls > 1 AS repeated,
    (SELECT series FROM ticket WHERE id = errand.ticket) AS series,
    (SELECT number FROM ticket WHERE id = errand.ticket) AS number
"""

_ERRAND = """
    errand.id, errand.unit, errand.state, errand.at AS since, errand.calls,
    (SELECT series FROM ticket WHERE id = errand.ticket) AS series,
    (SELECT number FROM ticket WHERE id = errand.ticket) AS number,
    (SELECT issued_at FROM ticket WHERE id = errand.ticket) AS issued_at
"""

# A ticket that is at another counter is passed over, and keeps its place.
_FREE = """
    NOT EXISTS (SELECT 1
                FROM errand AS other
                WHERE other.ticket = own.ticket
                  AND other.state IN ('called', 'serving')
                  AND other.counter <> :counter)
"""

CALL_NEXT = f"""
-- The first in order among the counter's units is called; what the counter had ends by trigger.
-- Nobody waits: what the counter had ends all the same.
UPDATE errand
SET state = iif(state = 'waiting', 'called', 'served'),
    calls = calls + (state = 'waiting'),
    counter = :counter,
    at = :now
WHERE id = coalesce(
    (SELECT first.id
     FROM json_each(:units) AS served
     JOIN errand AS first ON first.id = (
         SELECT id
         FROM errand AS own
         WHERE unit = served.value AND state = 'waiting'
           AND {_FREE}
         ORDER BY rank_at, id
         LIMIT 1)
     ORDER BY first.rank_at, first.id
     LIMIT 1),
    (SELECT id FROM errand WHERE counter = :counter AND state IN ('called', 'serving')))
{_CALL}
"""

RECALL = f"""
UPDATE errand
SET state = 'called', calls = calls + 1, at = :now
WHERE counter = :counter AND state = 'called' AND state IN ('called', 'serving')
{_CALL}
"""

# The verbs that only move the errand at a counter on. The last condition repeats the partial
# index's own, so that SQLite finds the one row by it.
MOVE_ON = f"""
UPDATE errand
SET state = :state, at = :now
WHERE counter = :counter AND state IN (SELECT value FROM json_each(:allowed))
  AND state IN ('called', 'serving')
RETURNING {_ERRAND}
"""

AT_COUNTER = f"""
SELECT {_ERRAND}
FROM errand
WHERE counter = :counter AND state IN ('called', 'serving')
"""

DESK = f"""
-- Who is at the counter, and who can be called to it, next one first: in one moment.
SELECT {_ERRAND}
FROM errand
WHERE id IN (SELECT id FROM errand WHERE counter = :counter AND state IN ('called', 'serving')
             UNION ALL
             SELECT id
             FROM errand AS own
             WHERE state = 'waiting' AND unit IN (SELECT value FROM json_each(:units))
               AND {_FREE})
ORDER BY state = 'waiting', rank_at, id
"""

CALLS = """
-- The day's calls after a known one, newest first.
SELECT journal.id, journal.at, journal.errand, journal.counter,
       journal.was = 'called' AS repeated,
       errand.unit, ticket.series, ticket.number
FROM journal
JOIN errand ON errand.id = journal.errand
JOIN ticket ON ticket.id = errand.ticket
WHERE journal.day = :day AND journal.state = 'called' AND journal.id > :after
  AND errand.unit IN (SELECT value FROM json_each(:units))
ORDER BY journal.id DESC
LIMIT :limit
"""

WAITING = """
SELECT unit, count(*) AS people
FROM errand
WHERE state = 'waiting' AND unit IN (SELECT value FROM json_each(:units))
GROUP BY unit
"""

SESSION = """
SELECT id AS counter, session AS id, process, opened_at FROM counter WHERE id = :counter
"""

OPEN_COUNTER = """
-- Only if nobody else came in between: :seen is the session that was found, or NULL.
INSERT INTO counter (id, session, process, opened_at)
VALUES (:counter, :session, :process, :now)
ON CONFLICT (id) DO UPDATE
SET session = excluded.session, process = excluded.process, opened_at = excluded.opened_at
WHERE counter.session = :seen
RETURNING id AS counter, session AS id, process, opened_at
"""

CLOSE_COUNTER = """
DELETE FROM counter WHERE session = :session RETURNING id
"""
