-- The queue store, schema version 2: the whole of it, and how what version 1 held comes into it.
--
-- A ticket is what a resident holds; an errand is one matter of that ticket at one unit. An
-- errand's row is as it is now, and says which step brought it there; the journal holds every
-- version of it that there ever was. A step is what one verb did, however many errands it touched.
-- Programs change tickets, errands, counters and appointments; the database itself writes the
-- journal and the tally.
--
-- Every moment is in milliseconds since 1970-01-01 UTC, every duration in milliseconds. A day is
-- the centre's service day, "2026-11-24". Units and counters are known by the ids that config.toml
-- gives them; the store takes them as they come, so that people who wait survive a change of the
-- configuration.

-- A step that a counter has taken back: makes the trigger step_is_undone do so.
CREATE TABLE undo (
    step    INTEGER PRIMARY KEY,
    own     INTEGER NOT NULL,  -- the number of the step that taking it back is
    counter TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

DROP TRIGGER journal_keeps_its_rows;
DROP TRIGGER journal_loses_no_row;
DROP TRIGGER ticket_is_new;
DROP TRIGGER errand_begins;
DROP TRIGGER errand_is_new;
DROP TRIGGER errand_stays_what_it_is;
DROP TRIGGER errand_moves;
DROP TRIGGER call_ends_the_current;

CREATE TABLE new_ticket (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    day          TEXT    NOT NULL,
    series       TEXT    NOT NULL,
    number       INTEGER NOT NULL CHECK (number > 0),
    token        TEXT    NOT NULL UNIQUE,  -- the ticket's unguessable name on a phone
    language     TEXT    NOT NULL,
    issued_at    INTEGER NOT NULL,
    -- What queues go by: the time of issue, but never before the ticket before. Neither kiosks
    -- that meet nor a clock that is set back can let a later number stand before an earlier one.
    queued_at    INTEGER NOT NULL,
    -- The same less a head start; or the time of the appointment.
    rank_at      INTEGER NOT NULL,
    priority     TEXT,
    head_start   INTEGER NOT NULL DEFAULT 0,
    appointment  TEXT,                     -- its code
    appointed_at INTEGER,
    -- JSON array of what was asked for, which makes the errands: unit, and what was told of the
    -- wait there ("low", "likely", "high") if anything was.
    asked        TEXT    NOT NULL
                 CHECK (json_valid(asked) AND json_array_length(asked) > 0),
    -- No number is given twice on a day, whatever a program does.
    UNIQUE (day, series, number)
) STRICT;

CREATE TABLE new_errand (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket      INTEGER NOT NULL REFERENCES ticket (id),
    unit        TEXT    NOT NULL,
    state       TEXT    NOT NULL,            -- see move
    since       INTEGER NOT NULL,            -- when it came into its state
    rank_at     INTEGER NOT NULL,            -- the one sort key of every queue; ties go by id
    priority    TEXT,                        -- why it has a head start, and how long a one
    head_start  INTEGER NOT NULL DEFAULT 0,
    counter     TEXT,                        -- where it was called to last
    calls       INTEGER NOT NULL DEFAULT 0,
    called_at   INTEGER,                     -- when it was called to that counter first
    origin      INTEGER REFERENCES errand (id),  -- the errand that it goes on from
    reason      TEXT,                        -- why it was transferred
    back_to     TEXT,                        -- the unit it returns to once it is served
    told_low    INTEGER,                     -- what was told of the wait
    told_likely INTEGER,
    told_high   INTEGER,
    -- The step that made it what it is: which, what, when, and which counter's, if any.
    step        INTEGER NOT NULL,
    verb        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    by          TEXT,
    CHECK (counter IS NOT NULL OR state NOT IN ('called', 'serving', 'served', 'no_show'))
) STRICT;

CREATE TABLE new_journal (
    -- An id is never used twice (AUTOINCREMENT), so a screen that knows the last row it has seen
    -- can ask for what came after and miss nothing.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    day        TEXT    NOT NULL,  -- the ticket's service day
    errand     INTEGER NOT NULL REFERENCES errand (id),
    was        TEXT    NOT NULL,  -- the state before; '': the errand is new
    step       INTEGER NOT NULL,  -- the id of the step's first row
    verb       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    by         TEXT,
    state      TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    rank_at    INTEGER NOT NULL,
    priority   TEXT,
    head_start INTEGER NOT NULL,
    counter    TEXT,
    calls      INTEGER NOT NULL,
    called_at  INTEGER
) STRICT;

-- Without it, the copy would look through the whole journal for each of its rows.
CREATE INDEX journal_of_version_1 ON journal (errand, id);

INSERT INTO new_ticket (id, day, series, number, token, language, issued_at, queued_at, rank_at,
                        asked)
SELECT id, day, series, number, token, language, issued_at, queued_at, queued_at,
       (SELECT json_group_array(json_object('unit', value)) FROM json_each(units))
FROM ticket;

INSERT INTO new_errand (id, ticket, unit, state, since, rank_at, counter, calls, called_at,
                        step, verb, at, by)
SELECT id, ticket, unit, state, at, rank_at, counter, calls,
       (SELECT min(at) FROM journal WHERE errand = errand.id AND state = 'called'),
       (SELECT max(id) FROM journal WHERE errand = errand.id), 'issue', at, counter
FROM errand;

INSERT INTO new_journal (id, day, errand, was, step, verb, at, by,
                         state, since, rank_at, head_start, counter, calls, called_at)
SELECT journal.id, journal.day, errand, was, journal.id,
       CASE journal.state
           WHEN 'waiting' THEN iif(was = '', 'issue', 'resume')
           WHEN 'called' THEN iif(was = 'called', 'recall', 'call')
           WHEN 'serving' THEN 'start'
           WHEN 'served' THEN 'finish'
           WHEN 'no_show' THEN 'no-show'
           WHEN 'parked' THEN 'park'
           WHEN 'left' THEN 'leave'
           WHEN 'expired' THEN 'expire'
       END,
       journal.at, journal.counter, journal.state, journal.at, rank_at, 0, journal.counter,
       (SELECT count(*) FROM journal AS before
        WHERE before.errand = journal.errand AND before.id <= journal.id
          AND before.state = 'called'),
       (SELECT min(before.at) FROM journal AS before
        WHERE before.errand = journal.errand AND before.id <= journal.id
          AND before.state = 'called')
FROM journal JOIN errand ON errand.id = journal.errand
ORDER BY journal.id;

DROP TABLE journal;
DROP TABLE errand;
DROP TABLE ticket;
DROP TABLE move;
ALTER TABLE new_ticket RENAME TO ticket;
ALTER TABLE new_errand RENAME TO errand;
ALTER TABLE new_journal RENAME TO journal;

UPDATE errand SET verb = (SELECT verb FROM journal WHERE id = errand.step);

-- What a queue is asked for is who waits, in order. The index holds only those who wait, so
-- that its cost follows the queue and not the history.
CREATE INDEX errand_waiting ON errand (unit, rank_at, id, since) WHERE state = 'waiting';
CREATE INDEX errand_parked ON errand (unit) WHERE state = 'parked';

-- A counter has one errand at a time, and a ticket is at one counter at a time.
CREATE UNIQUE INDEX errand_at_counter ON errand (counter) WHERE state IN ('called', 'serving');
CREATE UNIQUE INDEX errand_of_ticket ON errand (ticket) WHERE state IN ('called', 'serving');

-- Errands that are not over: few, and looked through when the day changes.
CREATE INDEX errand_open ON errand (ticket)
    WHERE state IN ('waiting', 'called', 'serving', 'parked');

CREATE INDEX errand_ticket ON errand (ticket);

CREATE INDEX journal_calls ON journal (day, id)
    WHERE verb IN ('call', 'recall', 'back', 'undo');
CREATE INDEX journal_errand ON journal (errand, id);
CREATE INDEX journal_by ON journal (by, id) WHERE by IS NOT NULL;

-- The legal steps of an errand, as data: which verb takes it from where to where. '' is nowhere.
-- Any other is refused below. Taking a step back leads to where the journal says it was before.
CREATE TABLE move (
    verb  TEXT NOT NULL,
    was   TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (verb, was, state)
) STRICT, WITHOUT ROWID;

INSERT INTO move (verb, was, state)
VALUES ('issue',      '',        'waiting'),
       ('call',       'waiting', 'called'),
       ('call',       'parked',  'called'),
       ('call',       'called',  'served'),   -- the counter's last one, as it calls the next
       ('call',       'serving', 'served'),
       ('call',       '',        'waiting'),  -- that one returns to where it came from
       ('recall',     'called',  'called'),
       ('start',      'called',  'serving'),
       ('finish',     'called',  'served'),   -- a counter that does not say when it starts
       ('finish',     'serving', 'served'),
       ('finish',     '',        'waiting'),
       ('no-show',    'called',  'no_show'),
       ('back',       'called',  'waiting'),
       ('park',       'waiting', 'parked'),
       ('park',       'called',  'parked'),
       ('park',       'serving', 'parked'),
       ('resume',     'parked',  'waiting'),
       ('transfer',   'waiting', 'transferred'),
       ('transfer',   'parked',  'transferred'),
       ('transfer',   'called',  'transferred'),
       ('transfer',   'serving', 'transferred'),
       ('transfer',   '',        'waiting'),
       ('leave',      'waiting', 'left'),
       ('leave',      'parked',  'left'),
       ('head-start', 'waiting', 'waiting'),
       ('head-start', 'parked',  'parked'),
       ('expire',     'waiting', 'expired'),
       ('expire',     'parked',  'expired'),
       ('expire',     'called',  'expired'),
       ('expire',     'serving', 'expired');

-- How long errands were at a counter, by the hour in which they were called.
CREATE TABLE tally (
    hour    INTEGER NOT NULL,  -- since 1970-01-01 UTC
    unit    TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    total   INTEGER NOT NULL,  -- of their durations
    squares INTEGER NOT NULL,  -- and of the squares of these
    PRIMARY KEY (hour, unit)
) STRICT, WITHOUT ROWID;

INSERT INTO tally (hour, unit, count, total, squares)
SELECT called_at / 3600000, unit, count(*), sum(lasted), sum(lasted * lasted)
FROM (SELECT *, max(since - called_at, 0) AS lasted FROM errand)
WHERE state IN ('served', 'no_show') AND called_at IS NOT NULL
GROUP BY called_at / 3600000, unit;

-- Times promised to visitors. No name, no matter: a code, a unit, a time.
CREATE TABLE appointment (
    code      TEXT    NOT NULL,
    day       TEXT    NOT NULL,
    unit      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    ticket    INTEGER REFERENCES ticket (id),  -- what its visitor was given
    PRIMARY KEY (code, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX appointment_open ON appointment (day, at) WHERE ticket IS NULL AND NOT cancelled;

-- A counter that a staff console has open, and since when it has a break.
ALTER TABLE counter ADD COLUMN break_since INTEGER;

CREATE TRIGGER journal_keeps_its_rows BEFORE UPDATE ON journal BEGIN
    SELECT raise(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER journal_loses_no_row BEFORE DELETE ON journal BEGIN
    SELECT raise(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER ticket_is_new AFTER INSERT ON ticket BEGIN
    INSERT INTO errand (ticket, unit, state, since, rank_at, priority, head_start,
                        told_low, told_likely, told_high, step, verb, at)
    SELECT NEW.id, value ->> 'unit', 'waiting', NEW.issued_at, NEW.rank_at, NEW.priority,
           NEW.head_start, value ->> 'low', value ->> 'likely', value ->> 'high',
           (SELECT coalesce(max(id), 0) + 1 FROM journal), 'issue', NEW.issued_at
    FROM json_each(NEW.asked)
    ORDER BY key;

    UPDATE appointment SET ticket = NEW.id WHERE code = NEW.appointment AND day = NEW.day;
END;

CREATE TRIGGER errand_begins BEFORE INSERT ON errand BEGIN
    SELECT raise(ABORT, 'this step is not among the legal moves of an errand')
    WHERE NOT EXISTS (SELECT 1 FROM move
                      WHERE verb = NEW.verb AND was = '' AND state = NEW.state);
END;

CREATE TRIGGER errand_is_new AFTER INSERT ON errand BEGIN
    INSERT INTO journal (day, errand, was, step, verb, at, by, state, since, rank_at, priority,
                         head_start, counter, calls, called_at)
    SELECT day, NEW.id, '', NEW.step, NEW.verb, NEW.at, NEW.by, NEW.state, NEW.since,
           NEW.rank_at, NEW.priority, NEW.head_start, NEW.counter, NEW.calls, NEW.called_at
    FROM ticket
    WHERE id = NEW.ticket;
END;

-- A transfer ends one errand and begins another; an errand never changes hands.
CREATE TRIGGER errand_is_transferred AFTER INSERT ON errand WHEN NEW.verb = 'transfer' BEGIN
    UPDATE errand
    SET state = 'transferred', since = NEW.at,
        step = NEW.step, verb = NEW.verb, at = NEW.at, by = NEW.by
    WHERE id = NEW.origin;
END;

CREATE TRIGGER errand_stays_what_it_is BEFORE UPDATE OF ticket, unit, origin ON errand BEGIN
    SELECT raise(ABORT, 'an errand keeps its ticket and its unit');
END;

-- Before, not after: a statement's RETURNING may then read the row that the journal got.
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

-- Calling one ends what the counter had, in the same statement.
CREATE TRIGGER call_ends_the_current BEFORE UPDATE ON errand
WHEN NEW.verb = 'call' AND NEW.state = 'called' BEGIN
    UPDATE errand
    SET state = 'served', since = NEW.at,
        step = NEW.step, verb = NEW.verb, at = NEW.at, by = NEW.by
    WHERE counter = NEW.counter AND state IN ('called', 'serving');
END;

-- Who was sent on for a moment comes back, and has kept the place.
CREATE TRIGGER errand_returns AFTER UPDATE ON errand
WHEN NEW.state = 'served' AND OLD.state <> 'served'
     AND NOT EXISTS (SELECT 1 FROM errand
                     WHERE ticket = NEW.ticket AND unit = NEW.back_to
                       AND state IN ('waiting', 'called', 'serving', 'parked')) BEGIN
    INSERT INTO errand (ticket, unit, state, since, rank_at, priority, head_start, origin,
                        step, verb, at, by)
    SELECT NEW.ticket, NEW.back_to, 'waiting', NEW.at, NEW.rank_at, NEW.priority,
           NEW.head_start, NEW.id, NEW.step, NEW.verb, NEW.at, NEW.by
    WHERE NEW.back_to IS NOT NULL;
END;

-- What is measured is the time from the call until the counter is free again.
CREATE TRIGGER errand_is_measured AFTER UPDATE ON errand
WHEN OLD.state IN ('called', 'serving') AND NEW.state NOT IN ('called', 'serving')
     AND NEW.verb NOT IN ('undo', 'expire') BEGIN
    INSERT INTO tally (hour, unit, count, total, squares)
    SELECT NEW.called_at / 3600000, NEW.unit, 1, lasted, lasted * lasted
    FROM (SELECT max(NEW.since - NEW.called_at, 0) AS lasted)
    WHERE true
    ON CONFLICT DO UPDATE
    SET count = count + 1, total = total + excluded.total, squares = squares + excluded.squares;
END;

CREATE TRIGGER measure_is_taken_back AFTER UPDATE ON errand
WHEN OLD.state NOT IN ('called', 'serving') AND NEW.state IN ('called', 'serving')
     AND NEW.verb = 'undo' BEGIN
    UPDATE tally
    SET count = count - 1, total = total - lasted, squares = squares - lasted * lasted
    FROM (SELECT max(OLD.since - NEW.called_at, 0) AS lasted)
    WHERE hour = NEW.called_at / 3600000 AND unit = NEW.unit;
END;

-- Every errand of the step becomes what the journal says that it was. First who is at the counter:
-- the counter must be free when the one before comes back to it.
CREATE TRIGGER step_is_undone AFTER INSERT ON undo BEGIN
    UPDATE errand
    SET (state, since, rank_at, priority, head_start, counter, calls, called_at) = (
            SELECT before.state, before.since, before.rank_at, before.priority,
                   before.head_start, before.counter, before.calls, before.called_at
            FROM journal AS before
            WHERE before.errand = errand.id AND before.step < NEW.step
            ORDER BY before.id DESC
            LIMIT 1),
        step = NEW.own, verb = 'undo', at = NEW.at, by = NEW.counter
    WHERE id IN (SELECT errand FROM journal WHERE id >= NEW.step AND journal.step = NEW.step)
      AND state IN ('called', 'serving');

    UPDATE errand
    SET (state, since, rank_at, priority, head_start, counter, calls, called_at) = (
            SELECT before.state, before.since, before.rank_at, before.priority,
                   before.head_start, before.counter, before.calls, before.called_at
            FROM journal AS before
            WHERE before.errand = errand.id AND before.step < NEW.step
            ORDER BY before.id DESC
            LIMIT 1),
        step = NEW.own, verb = 'undo', at = NEW.at, by = NEW.counter
    WHERE id IN (SELECT errand FROM journal
                 WHERE id >= NEW.step AND journal.step = NEW.step AND was <> '')
      AND step = NEW.step;

    UPDATE errand
    SET state = 'undone', since = NEW.at,
        step = NEW.own, verb = 'undo', at = NEW.at, by = NEW.counter
    WHERE id IN (SELECT errand FROM journal WHERE id >= NEW.step AND journal.step = NEW.step)
      AND step = NEW.step;
END;

PRAGMA user_version = 2;
