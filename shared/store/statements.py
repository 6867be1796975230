"""Every statement that the SQLite store runs. Each verb is one statement: atomic by itself."""

from __future__ import annotations

# States of errands, word for word as the partial indexes of the schema have them: SQLite uses such
# an index only where it sees the same.
_AT_COUNTER = "('called', 'serving')"
_OPEN = "('waiting', 'called', 'serving', 'parked')"

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

UNFINISHED = f"""
SELECT 1
FROM errand
WHERE state IN {_OPEN}
  AND (SELECT day FROM ticket WHERE id = errand.ticket) < :day
LIMIT 1
"""

# What every step writes down: which it is, what, when, and which counter's. Its number is that of
# the first row that it writes into the journal.
_STEP = """
    step = (SELECT coalesce(max(id), 0) + 1 FROM journal), at = :now, by = :counter
"""

EXPIRE = f"""
-- The service day has changed: what is unfinished from before will not be finished.
UPDATE errand
SET state = 'expired', since = :now, verb = 'expire', {_STEP}
WHERE state IN {_OPEN}
  AND (SELECT day FROM ticket WHERE id = errand.ticket) < :day
RETURNING id
"""

# The moment by which a ticket that is given now stands in a queue: by the clock. When that has been
# set back, the queues' own time goes on from the last place that was given by it, at half the pace,
# until the clock has caught up. So nobody stands before those who were here already, and waiting
# counts all the same. Where nobody is here, and none came today, it begins anew.
_QUEUED_AT = f"""
    max(:now, (SELECT iif(day = :day OR EXISTS (SELECT 1 FROM errand WHERE state IN {_OPEN}),
                          queued_at + max(:now - at, 0) / 2, 0)
               FROM queue_time))
"""

ISSUE = f"""
-- The next number of the series, and of none that was given while the clock was a day ahead. Two
-- kiosks cannot read the same maximum: a statement that writes has the database to itself. For an
-- appointment, only if it still holds and nobody else has checked in. Before it are all who wait,
-- but for those who come after: they are few.
INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at, rank_at,
                    priority, head_start, appointment, appointed_at, asked)
SELECT
    :day, :series,
    max(coalesce((SELECT max(number) FROM ticket WHERE day = :day AND series = :series), 0),
        coalesce((SELECT max(number) FROM ticket WHERE day > :day AND series = :series), 0)) + 1,
    :token, :language, :now, queued_at, coalesce(:appointed_at, queued_at - :head_start),
    :priority, :head_start, :appointment, :appointed_at, :asked
FROM (SELECT {_QUEUED_AT} AS queued_at)
WHERE :appointment IS NULL
   OR EXISTS (SELECT 1
              FROM appointment
              WHERE code = :appointment AND day = :day AND at = :appointed_at
                AND unit = :asked ->> '$[0].unit' AND ticket IS NULL AND NOT cancelled)
RETURNING
    id, day, series, number, token, language, issued_at, appointed_at,
    (SELECT json_group_array(json_object('unit', unit, 'ahead', ahead))
     FROM (SELECT value ->> 'unit' AS unit,
                  coalesce((SELECT people FROM queue WHERE unit = value ->> 'unit'), 0)
                  - (SELECT count(*)
                     FROM errand
                     WHERE unit = value ->> 'unit' AND state = 'waiting'
                       AND rank_at >= ticket.rank_at
                       AND (rank_at > ticket.rank_at OR errand.ticket = ticket.id)) AS ahead
           FROM json_each(:asked)
           ORDER BY key)) AS places
"""

# What RETURNING says of a call. The journal row is there already: its trigger runs before.
_CALL = """
RETURNING
    (SELECT max(id) FROM journal WHERE errand = errand.id) AS id,
    id AS errand, state, at, unit, counter, verb = 'recall' AS repeated, 0 AS withdrawn,
    (SELECT series FROM ticket WHERE id = errand.ticket) AS series,
    (SELECT number FROM ticket WHERE id = errand.ticket) AS number
"""

_ERRAND = f"""
    id, ticket, unit, state, since, counter, calls, priority, reason, put_off,
    (SELECT series FROM ticket WHERE id = errand.ticket) AS series,
    (SELECT number FROM ticket WHERE id = errand.ticket) AS number,
    (SELECT issued_at FROM ticket WHERE id = errand.ticket) AS issued_at,
    (SELECT appointed_at FROM ticket WHERE id = errand.ticket) AS appointed_at,
    (SELECT unit FROM errand AS before WHERE before.id = errand.origin) AS origin,
    (SELECT unit FROM errand AS goal WHERE goal.id = errand.back_to) AS back_to,
    (SELECT json_group_array(unit)
     FROM errand AS mate
     WHERE mate.ticket = errand.ticket AND mate.id NOT IN (errand.id, ifnull(errand.origin, 0))
       AND mate.state IN {_OPEN}) AS also
"""

# A ticket that is at another counter is passed over, and keeps its place.
_FREE = f"""
    NOT EXISTS (SELECT 1
                FROM errand AS other
                WHERE other.ticket = own.ticket
                  AND other.state IN {_AT_COUNTER}
                  AND other.counter <> :counter)
"""

# Whom the counter has.
_CURRENT = f"""
    (SELECT id FROM errand WHERE counter = :counter AND state IN {_AT_COUNTER})
"""

# A counter's order. :line says of each of its units where it stands in it, and how long one must
# have waited to come before all that.
_TURN = f"""
    iif(rank_at <= {_QUEUED_AT} - (line.value ->> 'patience'), -1, line.value ->> 'place')
"""

CALL_NEXT = f"""
-- The first in the counter's order is called; what the counter had ends by trigger.
-- Nobody waits: what the counter had ends all the same.
UPDATE errand
SET state = iif(state = 'waiting', 'called', 'served'),
    verb = iif(state = 'waiting', 'call', 'finish'),
    calls = calls + (state = 'waiting'),
    called_at = iif(state = 'waiting', :now, called_at),
    counter = :counter, since = :now, {_STEP}
WHERE id = coalesce(
    (SELECT first.id
     FROM json_each(:line) AS line
     JOIN errand AS first ON first.id = (
         SELECT id
         FROM errand AS own
         WHERE unit = line.value ->> 'unit' AND state = 'waiting'
           AND {_FREE}
         ORDER BY rank_at, id
         LIMIT 1)
     ORDER BY {_TURN}, rank_at, first.id
     LIMIT 1),
    {_CURRENT})
  AND (:errand IS NULL OR :errand = coalesce({_CURRENT}, 0))
{_CALL}
"""

CALL = f"""
-- A chosen one is called; what the counter had ends by trigger.
UPDATE errand AS own
SET state = 'called', verb = 'call', calls = calls + 1, called_at = :now,
    counter = :counter, since = :now, {_STEP}
WHERE id = :errand AND state IN ('waiting', 'parked')
  AND {_FREE}
{_CALL}
"""

RECALL = f"""
UPDATE errand
SET state = 'called', verb = 'recall', calls = calls + 1, since = :now, {_STEP}
WHERE id = {_CURRENT} AND state = 'called' AND (:errand IS NULL OR id = :errand)
{_CALL}
"""

# The verbs that only move the errand at a counter on.
MOVE_ON = f"""
UPDATE errand
SET state = :state, verb = :verb, since = :now, {_STEP}
WHERE id = {_CURRENT} AND state IN (SELECT value FROM json_each(:allowed))
  AND (:errand IS NULL OR id = :errand)
RETURNING {_ERRAND}
"""

BACK = f"""
-- Behind all whose time has come, as if a number were taken now.
UPDATE errand AS own
SET state = 'waiting', verb = 'back', since = :now, priority = NULL, head_start = 0,
    rank_at = (SELECT max(queued_at, coalesce((SELECT rank_at + 1
                                               FROM errand
                                               WHERE unit = own.unit AND state = 'waiting'
                                                 AND rank_at <= queued_at
                                               ORDER BY rank_at DESC
                                               LIMIT 1), 0))
               FROM (SELECT {_QUEUED_AT} AS queued_at)),
    {_STEP}
WHERE id = {_CURRENT} AND state = 'called' AND (:errand IS NULL OR id = :errand)
RETURNING {_ERRAND}
"""

# What is meant by a ticket's token on this service day: a later one is of a clock that was ahead.
_OF_TICKET = """
    ticket = (SELECT id FROM ticket WHERE token = :token AND day >= :day)
"""

PUT_OFF = f"""
-- What waits, or was called, stands later in its queue, and behind the next one who is due at
-- least. Where there is none, it is as if it came that much later than now.
UPDATE errand AS own
SET state = 'waiting', verb = 'put-off', put_off = put_off + 1,
    since = iif(state = 'waiting', since, :now),
    rank_at = coalesce(max(rank_at + :by, (SELECT min(rank_at) + 1
                                           FROM errand
                                           WHERE unit = own.unit AND state = 'waiting'
                                             AND (rank_at, id) > (own.rank_at, own.id)
                                             AND rank_at <= {_QUEUED_AT})),
                       max(rank_at, {_QUEUED_AT}) + :by),
    {_STEP}
WHERE {_OF_TICKET} AND state IN ('waiting', 'called') AND put_off < :times
RETURNING id
"""

GIVE_UP = f"""
UPDATE errand
SET state = 'left', verb = 'leave', since = :now, {_STEP}
WHERE {_OF_TICKET} AND state IN ('waiting', 'parked')
  AND NOT EXISTS (SELECT 1
                  FROM errand AS mate
                  WHERE mate.ticket = errand.ticket AND mate.state IN {_AT_COUNTER})
RETURNING id
"""

RATE = f"""
INSERT INTO rating (ticket, score, at)
SELECT id, :score, :now
FROM ticket
WHERE token = :token AND day >= :day
  AND NOT EXISTS (SELECT 1
                  FROM errand
                  WHERE ticket = ticket.id
                    AND state IN {_OPEN})
ON CONFLICT DO NOTHING
RETURNING ticket
"""

VISITS = """
-- Tickets by their tokens, and where their errands stand; what went on elsewhere is left out. Who
-- waits is counted from one of them to the next in the same queue, so that many cost as one does.
WITH visited AS MATERIALIZED (
    SELECT errand.id, errand.unit, errand.state, errand.rank_at,
           lag(errand.rank_at, 1, 0) OVER line AS last_rank_at,
           lag(errand.id, 1, 0) OVER line AS last_id
    FROM json_each(:tokens) AS wanted
    JOIN ticket ON ticket.token = wanted.value AND ticket.day >= :day
    JOIN errand ON errand.ticket = ticket.id AND errand.state NOT IN ('transferred', 'undone')
    WINDOW line AS (PARTITION BY errand.unit, errand.state ORDER BY errand.rank_at, errand.id)),
stop AS MATERIALIZED (
    SELECT id, iif(state = 'waiting', sum(since_last) OVER line, NULL) AS ahead
    FROM (SELECT *, (SELECT count(*)
                     FROM errand AS other
                     WHERE other.unit = visited.unit AND other.state = 'waiting'
                       AND visited.state = 'waiting'
                       AND (other.rank_at, other.id) >= (last_rank_at, last_id)
                       AND (other.rank_at, other.id) < (visited.rank_at, visited.id)) AS since_last
          FROM visited)
    WINDOW line AS (PARTITION BY unit, state ORDER BY rank_at, id))
SELECT token, series, number, language, issued_at, appointed_at, errand.unit, errand.state, since,
       counter, calls, put_off, told_low, told_likely, told_high, ahead,
       (SELECT score FROM rating WHERE ticket = ticket.id) AS score
FROM stop
JOIN errand ON errand.id = stop.id
JOIN ticket ON ticket.id = errand.ticket
ORDER BY errand.id
"""

# The ticket to print: an errand's, or the newest one.
_PRINTED = """
    iif(:errand IS NULL, (SELECT max(id) FROM ticket),
                         (SELECT ticket FROM errand WHERE id = :errand))
"""

ASK_FOR_PRINTOUT = f"""
-- Only if it is not over.
INSERT INTO printout (ticket, asked_at)
SELECT id, :now
FROM ticket
WHERE id = {_PRINTED}
  AND EXISTS (SELECT 1 FROM errand WHERE ticket = ticket.id AND state IN {_OPEN})
RETURNING (SELECT series FROM ticket WHERE id = printout.ticket) AS series,
          (SELECT number FROM ticket WHERE id = printout.ticket) AS number
"""

OF_PRINTOUT = f"""
-- What has become of a ticket of today that was to be printed: the errand of it that was last.
SELECT {_ERRAND}
FROM errand
WHERE state <> 'transferred'
  AND ticket = (SELECT id
                FROM ticket
                WHERE id = {_PRINTED} AND day >= :day)
ORDER BY since DESC, id DESC
LIMIT 1
"""

TAKE_PRINTOUT = """
UPDATE printout
SET taken_at = :now
WHERE id = (SELECT min(id) FROM printout WHERE taken_at IS NULL)
RETURNING (SELECT token FROM ticket WHERE id = printout.ticket) AS token
"""

REPORT_PRINTER = """
INSERT INTO printer_fault (process, fault, since)
VALUES (:process, :fault, :now)
ON CONFLICT (process) DO UPDATE
SET fault = excluded.fault, since = excluded.since
WHERE fault <> excluded.fault
RETURNING process
"""

CLEAR_PRINTER = """
DELETE FROM printer_fault WHERE process = :process RETURNING process
"""

PRINTER_FAULTS = """
SELECT process, fault, since FROM printer_fault ORDER BY since
"""

DOOR_KEY = """
SELECT value FROM secret WHERE name = 'door'
"""

# The errand meant: the one at the counter, or a chosen one that no other counter has.
_MEANT = f"""
    id = coalesce(:errand, {_CURRENT})
    AND (state IN ('waiting', 'parked') OR state IN {_AT_COUNTER} AND counter = :counter)
"""

PARK = f"""
UPDATE errand
SET state = 'parked', verb = 'park', since = :now, {_STEP}
WHERE {_MEANT} AND state <> 'parked'
RETURNING {_ERRAND}
"""

RESUME = f"""
UPDATE errand
SET state = 'waiting', verb = 'resume', since = :now, {_STEP}
WHERE id = :errand AND state = 'parked'
RETURNING {_ERRAND}
"""

TRANSFER = f"""
-- A new errand begins, at the old one's place in time; the old one ends by trigger. Nobody stands
-- in the same queue twice. Who is sent where it was to go back to has gone back.
INSERT INTO errand (ticket, unit, state, since, rank_at, priority, head_start, waits_since, origin,
                    reason, back_to, step, verb, at, by)
SELECT ticket, :to, 'waiting', :now, rank_at, priority, head_start, waits_since, id, :reason,
       iif(:comes_back, id, (SELECT iif(unit = :to, back_to, id)
                             FROM errand AS goal
                             WHERE goal.id = old.back_to)),
       (SELECT coalesce(max(id), 0) + 1 FROM journal), 'transfer', :now, :counter
FROM errand AS old
WHERE {_MEANT}
  AND NOT EXISTS (SELECT 1
                  FROM errand AS mate
                  WHERE mate.ticket = old.ticket AND mate.unit = :to
                    AND mate.state IN {_OPEN})
RETURNING {_ERRAND}
"""

# All that the chosen errand's ticket waits for.
_TICKET = """
    id IN (SELECT mate.id
           FROM errand AS chosen
           JOIN errand AS mate ON mate.ticket = chosen.ticket
           WHERE chosen.id = :errand AND chosen.state IN ('waiting', 'parked')
             AND mate.state IN ('waiting', 'parked'))
"""

LEAVE = f"""
UPDATE errand
SET state = 'left', verb = 'leave', since = :now, {_STEP}
WHERE {_TICKET}
  AND NOT EXISTS (SELECT 1
                  FROM errand AS mate
                  WHERE mate.ticket = errand.ticket AND mate.state IN {_AT_COUNTER})
RETURNING {_ERRAND}
"""

HEAD_START = f"""
UPDATE errand
SET verb = 'head-start', priority = :priority, head_start = :head_start,
    rank_at = rank_at + head_start - :head_start, {_STEP}
WHERE {_TICKET}
RETURNING {_ERRAND}
"""


def _gone_on(step: str) -> str:
    """Select the errands of a step after which something has come.

    Another step has touched them; or their ticket is at another counter, or in the same queue
    once more, where it would come back to.
    """
    return f"""
        SELECT errand.id
        FROM journal AS touched
        JOIN errand ON errand.id = touched.errand
        WHERE touched.id >= {step} AND touched.step = {step}
          AND (errand.step <> {step}
               OR EXISTS (SELECT 1
                          FROM errand AS mate
                          WHERE mate.ticket = errand.ticket AND mate.step <> {step}
                            AND (mate.state IN {_AT_COUNTER}
                                 AND touched.was IN {_AT_COUNTER}
                                 OR mate.state IN {_OPEN}
                                 AND touched.was IN {_OPEN}
                                 AND mate.unit = errand.unit)
                            AND mate.id <> errand.id))
    """


UNDO = f"""
-- The counter's last step, if it is young enough and nothing has come after it.
INSERT INTO undo (step, own, counter, at)
SELECT last.step, (SELECT max(id) + 1 FROM journal), :counter, :now
FROM (SELECT step, verb, at, day
      FROM journal
      WHERE by = :counter
      ORDER BY id DESC
      LIMIT 1) AS last
WHERE last.verb <> 'undo' AND last.day >= :day
  AND abs(:now - last.at) <= :within
  AND NOT EXISTS ({_gone_on("last.step")})
RETURNING step
"""

GONE_ON = f"""
SELECT {_ERRAND} FROM errand WHERE id IN ({_gone_on(":step")}) ORDER BY id
"""

LAST_STEP = """
SELECT step, verb, at, day FROM journal WHERE by = :counter ORDER BY id DESC LIMIT 1
"""

OF_STEP = f"""
-- The errand that a step was about: who was called, else who was there before.
SELECT {_ERRAND},
       (SELECT verb FROM journal WHERE id = :step) AS verb
FROM errand
WHERE id = (SELECT errand
            FROM journal
            WHERE id >= :step AND step = :step
            ORDER BY state = 'called' DESC, was = '', id
            LIMIT 1)
"""

ERRAND = f"""
SELECT {_ERRAND} FROM errand WHERE id = coalesce(:errand, {_CURRENT})
"""

AT_A_COUNTER = f"""
-- Which errand of the same ticket is at a counter.
SELECT {_ERRAND}
FROM errand
WHERE ticket = (SELECT ticket FROM errand WHERE id = :errand) AND state IN {_AT_COUNTER}
"""

FIND = f"""
SELECT {_ERRAND}
FROM errand
WHERE ticket = coalesce(
    (SELECT id
     FROM ticket
     WHERE day > :day AND series = :series AND number = :number
     ORDER BY day DESC
     LIMIT 1),
    (SELECT id FROM ticket WHERE day = :day AND series = :series AND number = :number))
ORDER BY id
"""

IN_HAND = f"""
SELECT {_ERRAND}
FROM errand
WHERE id IN (SELECT id FROM errand WHERE state IN {_AT_COUNTER}
             UNION ALL
             SELECT id FROM errand WHERE state = 'parked')
ORDER BY id
"""

DESK = f"""
-- Who is at the counter, who can be called to it, next one first, and who is parked: in one moment.
SELECT {_ERRAND}
FROM errand
JOIN (SELECT id AS shown, 0 AS part, 0 AS turn
      FROM errand
      WHERE counter = :counter AND state IN {_AT_COUNTER}
      UNION ALL
      SELECT own.id, 1, {_TURN}
      FROM json_each(:line) AS line
      JOIN errand AS own ON own.unit = line.value ->> 'unit' AND own.state = 'waiting'
      WHERE {_FREE}
      UNION ALL
      SELECT own.id, 2, since
      FROM json_each(:line) AS line
      JOIN errand AS own ON own.unit = line.value ->> 'unit' AND own.state = 'parked')
  ON errand.id = shown
ORDER BY part, turn, rank_at, errand.id
"""


def _calls(days: str) -> str:
    """Select the calls of some days, by their index: by their ids it would go through all years."""
    return f"""
        SELECT journal.id AS id, journal.at, journal.errand,
               coalesce(journal.by, journal.counter) AS counter,
               journal.verb = 'recall' AS repeated, journal.state <> 'called' AS withdrawn,
               errand.unit, ticket.series, ticket.number
        FROM journal INDEXED BY journal_calls
        JOIN errand ON errand.id = journal.errand
        JOIN ticket ON ticket.id = errand.ticket
        WHERE journal.day {days} AND journal.id > :after
          AND journal.verb IN ('call', 'recall', 'back', 'put-off', 'undo')
          AND (journal.state = 'called' AND (journal.verb <> 'undo' OR journal.was = 'waiting')
               OR journal.was = 'called' AND journal.state IN ('waiting', 'parked'))
          AND (:units IS NULL OR errand.unit IN (SELECT value FROM json_each(:units)))
    """


CALLS = f"""
-- The day's calls after a known one, newest first; and what was put back into its queue, for its
-- calls no longer hold: unless that is taken back, for then they do. Of a later day, only where the
-- clock was ahead.
{_calls("= :day")}
UNION ALL
{_calls("> :day")}
ORDER BY id DESC
LIMIT :limit
"""

QUEUES = f"""
-- Whose time is still to come has not waited; who was transferred or parked has, all the time.
SELECT unit, people,
       people - (SELECT count(*)
                 FROM errand
                 WHERE unit = queue.unit AND state = 'waiting' AND rank_at > queued_at) AS due,
       people - (SELECT count(*)
                 FROM errand
                 WHERE unit = queue.unit AND state = 'waiting'
                   AND rank_at > queued_at - :head_start) AS ahead,
       (SELECT min(rank_at) FROM errand WHERE unit = queue.unit AND state = 'waiting') AS first,
       (SELECT min(waits_since)
        FROM errand
        WHERE unit = queue.unit AND state = 'waiting') AS longest_since
FROM queue
CROSS JOIN (SELECT {_QUEUED_AT} AS queued_at)
WHERE people > 0
"""

AT_COUNTERS = f"""
SELECT counter, unit FROM errand WHERE state IN {_AT_COUNTER}
"""

IN_USE = """
-- The counters whose last step is not long ago. From one counter to the next by the index: they are
-- few, and their steps are many.
WITH RECURSIVE used (counter) AS (
    SELECT min(by) FROM journal WHERE by IS NOT NULL
    UNION ALL
    SELECT (SELECT min(by) FROM journal WHERE by > used.counter)
    FROM used
    WHERE used.counter IS NOT NULL)
SELECT counter
FROM used
WHERE abs(:now - (SELECT at
                  FROM journal
                  WHERE by = used.counter
                  ORDER BY id DESC
                  LIMIT 1)) < :within
"""

COUNTERS = """
SELECT id AS counter, process, break_since FROM counter
"""

TALLY = """
-- What was measured in some hours, the recent ones apart from the rest.
SELECT unit, hour IN (SELECT value FROM json_each(:recent)) AS recent,
       sum(count) AS count, sum(total) AS total, sum(squares) AS squares
FROM tally
WHERE hour IN (SELECT value FROM json_each(:recent) UNION SELECT value FROM json_each(:usual))
  AND count > 0
GROUP BY 1, 2
"""

EXPECTED = """
SELECT unit, count(*) AS people
FROM appointment
WHERE day = :day AND at BETWEEN :now - :patience AND :now AND ticket IS NULL AND NOT cancelled
GROUP BY unit
"""

OUTCOMES = """
-- What was told, and what came, where it came as the queue went: one unit asked for, never put
-- aside, back or off, and no head start that was given or taken after the wait was told.
SELECT errand.unit, told_low, told_likely, told_high,
       (SELECT min(at) FROM journal
        WHERE errand = errand.id AND state = 'called' AND verb = 'call'
          AND step NOT IN (SELECT step FROM undo)) - issued_at AS waited
FROM ticket
CROSS JOIN errand ON errand.ticket = ticket.id  -- in this order: the day is what narrows it
WHERE ticket.day >= :day AND issued_at >= :since
  AND told_likely IS NOT NULL AND json_array_length(asked) = 1
  AND NOT EXISTS (SELECT 1 FROM journal
                  WHERE errand = errand.id AND verb IN ('park', 'back', 'put-off', 'head-start'))
  AND waited IS NOT NULL
ORDER BY errand.id
"""

APPOINTMENT = """
SELECT code, unit, at, day, cancelled, ticket FROM appointment WHERE code = :code ORDER BY day
"""

APPOINTMENTS = """
SELECT code, unit, at
FROM appointment
WHERE day = :day AND ticket IS NULL AND NOT cancelled
ORDER BY at, code
"""

KNOWN = """
-- What is known of each of some appointments.
SELECT known.code, known.day, unit, at, cancelled, ticket
FROM json_each(:appointments) AS given
JOIN appointment AS known
  ON known.code = given.value ->> 'code' AND known.day = given.value ->> 'day'
"""

IMPORT = """
-- All or nothing. Whoever has checked in stays checked in.
INSERT INTO appointment (code, day, unit, at, cancelled)
SELECT value ->> 'code', value ->> 'day', value ->> 'unit', value ->> 'at', value ->> 'cancelled'
FROM json_each(:appointments)
WHERE true
ON CONFLICT (code, day) DO UPDATE
SET unit = excluded.unit, at = excluded.at, cancelled = excluded.cancelled
WHERE ticket IS NULL
RETURNING code
"""

SESSION = """
SELECT id AS counter, session AS id, process, opened_at, break_since
FROM counter
WHERE id = :counter AND session IS NOT NULL
"""

OPEN_COUNTER = """
-- Only if nobody else came in between: :seen is the session that was found, or NULL.
INSERT INTO counter (id, session, process, opened_at)
VALUES (:counter, :session, :process, :now)
ON CONFLICT (id) DO UPDATE
SET session = excluded.session, process = excluded.process, opened_at = excluded.opened_at,
    break_since = NULL
WHERE counter.session IS :seen
RETURNING id AS counter, session AS id, process, opened_at, break_since
"""

PAUSE_COUNTER = """
UPDATE counter
SET break_since = iif(:paused, :now, NULL)
WHERE id = :counter AND session = :session AND (break_since IS NULL) = :paused
RETURNING id
"""

CLOSE_COUNTER = """
-- It calls nobody from now on, until it does.
UPDATE counter
SET session = NULL, process = NULL, break_since = :now
WHERE id = :counter AND session = :session
RETURNING id
"""
