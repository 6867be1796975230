-- Version 3: the ticket in hand, on paper and on the phone.

-- How often its resident has asked for more time.
ALTER TABLE errand ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;

-- Since when its ticket has waited: from the issue, or from the time of its appointment if that is
-- later.
ALTER TABLE errand ADD COLUMN waits_since INTEGER NOT NULL DEFAULT 0;

INSERT INTO move (verb, was, state)
VALUES ('put-off', 'waiting', 'waiting'),
       ('put-off', 'called',  'waiting');

-- What is asked of a queue is counted in its index alone: with the ticket, which knows since when it
-- has waited, whatever was done with its errands.
DROP INDEX errand_waiting;
CREATE INDEX errand_waiting ON errand (unit, rank_at, id, ticket, state) WHERE state = 'waiting';

DROP INDEX journal_calls;
CREATE INDEX journal_calls ON journal (day, id)
    WHERE verb IN ('call', 'recall', 'back', 'put-off', 'undo');

-- What an errand goes back to once it is served is another errand, with all that this one goes back
-- to in its turn. Version 2 knew only its unit: the nearest errand of that unit on the way here.
DROP TRIGGER errand_returns;
DROP TRIGGER errand_moves;
DROP TRIGGER call_ends_the_current;
ALTER TABLE errand RENAME COLUMN back_to TO back_to_unit;
ALTER TABLE errand ADD COLUMN back_to INTEGER REFERENCES errand (id);

UPDATE errand
SET back_to = (
    WITH RECURSIVE way (id, unit, origin) AS (
        SELECT id, unit, origin FROM errand AS before WHERE before.id = errand.origin
        UNION ALL
        SELECT before.id, before.unit, before.origin
        FROM way
        JOIN errand AS before ON before.id = way.origin)
    SELECT id FROM way WHERE unit = errand.back_to_unit LIMIT 1)
WHERE back_to_unit IS NOT NULL;

ALTER TABLE errand DROP COLUMN back_to_unit;

-- SQLite goes through triggers from the newest on. So the journal reads as it went: who was at the
-- counter ends, returns to where it came from, and the next one is called.

-- Who was sent on for a moment comes back, and has kept the place. Who waits there already goes
-- back to where it would have gone from there.
CREATE TRIGGER errand_returns BEFORE UPDATE ON errand
WHEN NEW.state = 'served' AND OLD.state <> 'served' AND NEW.back_to IS NOT NULL BEGIN
    INSERT INTO errand (ticket, unit, state, since, rank_at, priority, head_start, waits_since,
                        origin, back_to, step, verb, at, by)
    SELECT NEW.ticket, unit, 'waiting', NEW.at, NEW.rank_at, NEW.priority, NEW.head_start,
           NEW.waits_since, NEW.id, back_to, NEW.step, NEW.verb, NEW.at, NEW.by
    FROM (WITH RECURSIVE goal (unit, back_to) AS (
              SELECT unit, back_to FROM errand WHERE id = NEW.back_to
              UNION ALL
              SELECT next.unit, next.back_to
              FROM goal
              JOIN errand AS next ON next.id = goal.back_to)
          SELECT unit, back_to
          FROM goal
          WHERE unit NOT IN (SELECT unit FROM errand
                             WHERE ticket = NEW.ticket AND id <> NEW.id
                               AND state IN ('waiting', 'called', 'serving', 'parked'))
          LIMIT 1);
END;

UPDATE errand
SET waits_since = (SELECT max(issued_at, coalesce(appointed_at, 0))
                   FROM ticket
                   WHERE id = errand.ticket);

CREATE INDEX errand_waits ON errand (unit, waits_since) WHERE state = 'waiting';

-- How many wait for a unit: counted as they come and go. Whoever only wants to know need not count
-- them all.
CREATE TABLE queue (
    unit   TEXT PRIMARY KEY,
    people INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO queue (unit, people)
SELECT unit, count(*) FROM errand WHERE state = 'waiting' GROUP BY unit;

CREATE TRIGGER queue_grows AFTER INSERT ON errand WHEN NEW.state = 'waiting' BEGIN
    INSERT INTO queue (unit, people)
    VALUES (NEW.unit, 1)
    ON CONFLICT DO UPDATE SET people = people + 1;
END;

CREATE TRIGGER queue_changes AFTER UPDATE ON errand
WHEN (OLD.state = 'waiting') <> (NEW.state = 'waiting') BEGIN
    UPDATE queue SET people = people + iif(NEW.state = 'waiting', 1, -1) WHERE unit = NEW.unit;
END;

-- The queues' own time when a place was last given by it, and what the clock said then: it goes on
-- from there when the clock is set back. Always one row.
CREATE TABLE queue_time (
    day       TEXT    NOT NULL,  -- of the last ticket
    at        INTEGER NOT NULL,
    queued_at INTEGER NOT NULL
) STRICT;

INSERT INTO queue_time (day, at, queued_at) VALUES ('', 0, 0);

UPDATE queue_time
SET (day, at, queued_at) = (SELECT day, issued_at, queued_at FROM ticket ORDER BY id DESC LIMIT 1)
WHERE EXISTS (SELECT 1 FROM ticket);

CREATE TRIGGER queue_time_of_ticket AFTER INSERT ON ticket BEGIN
    UPDATE queue_time SET day = NEW.day, at = NEW.issued_at, queued_at = NEW.queued_at;
END;

CREATE TRIGGER queue_time_of_new_place AFTER UPDATE ON errand
WHEN NEW.verb IN ('back', 'put-off') BEGIN
    UPDATE queue_time
    SET at = NEW.at, queued_at = max(NEW.at, queued_at + max(NEW.at - at, 0) / 2);
END;

-- A counter that a console has open, or that one has closed. While it has a break, or has called
-- nobody since it was closed, break_since says so.
CREATE TABLE new_counter (
    id          TEXT PRIMARY KEY,
    session     TEXT,     -- the console's own name, while it has the counter open
    process     TEXT,     -- where it runs: a console that died is no longer open
    opened_at   INTEGER NOT NULL,
    break_since INTEGER,
    CHECK ((session IS NULL) = (process IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO new_counter SELECT id, session, process, opened_at, break_since FROM counter;
DROP TABLE counter;
ALTER TABLE new_counter RENAME TO counter;

-- As in version 2.
DROP TRIGGER ticket_is_new;
CREATE TRIGGER ticket_is_new AFTER INSERT ON ticket BEGIN
    INSERT INTO errand (ticket, unit, state, since, rank_at, priority, head_start, waits_since,
                        told_low, told_likely, told_high, step, verb, at)
    SELECT NEW.id, value ->> 'unit', 'waiting', NEW.issued_at, NEW.rank_at, NEW.priority,
           NEW.head_start, max(NEW.issued_at, coalesce(NEW.appointed_at, 0)),
           value ->> 'low', value ->> 'likely', value ->> 'high',
           (SELECT coalesce(max(id), 0) + 1 FROM journal), 'issue', NEW.issued_at
    FROM json_each(NEW.asked)
    ORDER BY key;

    UPDATE appointment SET ticket = NEW.id WHERE code = NEW.appointment AND day = NEW.day;
END;

-- As in version 2.
CREATE TRIGGER errand_moves BEFORE UPDATE ON errand BEGIN
    SELECT raise(ABORT, 'this step is not among the legal moves of an errand')
    WHERE NEW.step <= OLD.step
       OR NEW.verb <> 'undo'
          AND NOT EXISTS (SELECT 1 FROM move
                          WHERE verb = NEW.verb AND was = OLD.state AND state = NEW.state);

    INSERT INTO journal (day, errand, was, step, verb, at, by, state, since, rank_at, priority,
                         head_start, counter, calls, called_at)
    SELECT day, NEW.id, OLD.state, NEW.step, NEW.verb, NEW.at, NEW.by, NEW.state, NEW.since,
           NEW.rank_at, NEW.priority, NEW.head_start, NEW.counter, NEW.calls, NEW.called_at
    FROM ticket
    WHERE id = NEW.ticket;
END;

-- Calling one ends what the counter had, in the same statement, and the counter's break.
CREATE TRIGGER call_ends_the_current BEFORE UPDATE ON errand
WHEN NEW.verb = 'call' AND NEW.state = 'called' BEGIN
    UPDATE errand
    SET state = 'served', since = NEW.at,
        step = NEW.step, verb = NEW.verb, at = NEW.at, by = NEW.by
    WHERE counter = NEW.counter AND state IN ('called', 'serving');

    UPDATE counter SET break_since = NULL WHERE id = NEW.counter AND break_since IS NOT NULL;
END;

-- How it went, as the resident says: 1 is bad, 5 is good. Once, and of nobody in particular.
CREATE TABLE rating (
    ticket INTEGER PRIMARY KEY REFERENCES ticket (id),
    score  INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    at     INTEGER NOT NULL
) STRICT;

-- Tickets to be printed once more, as the staff ask for it. A kiosk with a printer takes them.
CREATE TABLE printout (
    id       INTEGER PRIMARY KEY,
    ticket   INTEGER NOT NULL REFERENCES ticket (id),
    asked_at INTEGER NOT NULL,
    taken_at INTEGER
) STRICT;

CREATE INDEX printout_open ON printout (id) WHERE taken_at IS NULL;

-- What is wrong with the printer of a kiosk, while something is.
CREATE TABLE printer_fault (
    process TEXT PRIMARY KEY,  -- the kiosk: one that died has no printer
    fault   TEXT    NOT NULL,
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the programs of a centre know and nobody else does.
CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO secret (name, value) VALUES ('door', randomblob(32));

PRAGMA user_version = 3;
