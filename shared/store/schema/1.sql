-- The queue store, schema version 1.
--
-- Three tables tell the whole story: a ticket is what a resident holds, an errand is one matter
-- of that ticket at one unit, the journal is everything that ever happened to an errand.
-- Programs change tickets, errands and counters; the database itself writes the journal.
--
-- Every moment is in milliseconds since 1970-01-01 UTC. A day is the centre's service day,
-- "2026-11-24". Units and counters are known by the ids that config.toml gives them; the store
-- takes them as they come, so that people who wait survive a change of the configuration.

CREATE TABLE ticket (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    day       TEXT    NOT NULL,
    series    TEXT    NOT NULL,
    number    INTEGER NOT NULL CHECK (number > 0),
    token     TEXT    NOT NULL UNIQUE,  -- the ticket's unguessable name on a phone
    language  TEXT    NOT NULL,
    issued_at INTEGER NOT NULL,
    -- What queues go by: the time of issue, but never before the ticket before. Neither kiosks
    -- that meet nor a clock that is set back can let a later number stand before an earlier one.
    queued_at INTEGER NOT NULL,
    units     TEXT    NOT NULL          -- JSON array of what was asked for: makes the errands
              CHECK (json_valid(units) AND json_array_length(units) > 0),
    -- No number is given twice on a day, whatever a program does.
    UNIQUE (day, series, number)
) STRICT;

CREATE TABLE errand (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket  INTEGER NOT NULL REFERENCES ticket (id),
    unit    TEXT    NOT NULL,
    state   TEXT    NOT NULL,  -- see move
    rank_at INTEGER NOT NULL,  -- the one sort key of every queue; ties go by id
    counter TEXT,              -- where it was called to last
    calls   INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL,  -- when it came into its state
    CHECK (counter IS NOT NULL OR state NOT IN ('called', 'serving', 'served', 'no_show'))
) STRICT;

-- What a queue is asked for is who waits, in order. The index holds only those who wait, so
-- that its cost follows the queue and not the history.
CREATE INDEX errand_waiting ON errand (unit, rank_at, id) WHERE state = 'waiting';

-- A counter has one errand at a time, and a ticket is at one counter at a time.
CREATE UNIQUE INDEX errand_at_counter ON errand (counter) WHERE state IN ('called', 'serving');
CREATE UNIQUE INDEX errand_of_ticket ON errand (ticket) WHERE state IN ('called', 'serving');

-- Errands that are not over: few, and looked through when the day changes.
CREATE INDEX errand_open ON errand (ticket)
    WHERE state IN ('waiting', 'called', 'serving', 'parked');

-- The legal steps of an errand, as data. Any other is refused below.
CREATE TABLE move (
    was   TEXT NOT NULL,  -- '': there was none
    state TEXT NOT NULL,
    PRIMARY KEY (was, state)
) STRICT, WITHOUT ROWID;

INSERT INTO move (was, state)
VALUES ('',        'waiting'),
       ('waiting', 'called'),
       ('called',  'called'),   -- a recall
       ('called',  'serving'),
       ('called',  'served'),   -- a counter that does not say when it starts
       ('serving', 'served'),
       ('called',  'no_show'),
       ('waiting', 'parked'),
       ('parked',  'waiting'),
       ('waiting', 'left'),
       ('parked',  'left'),
       -- The service day is over.
       ('waiting', 'expired'),
       ('parked',  'expired'),
       ('called',  'expired'),
       ('serving', 'expired');

-- What happened, in order, for ever. An id is never used twice (AUTOINCREMENT), so a screen
-- that knows the last row it has seen can ask for what came after and miss nothing.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    day     TEXT    NOT NULL,  -- the ticket's service day
    errand  INTEGER NOT NULL REFERENCES errand (id),
    was     TEXT    NOT NULL,  -- '': the errand is new
    state   TEXT    NOT NULL,
    counter TEXT
) STRICT;

CREATE INDEX journal_calls ON journal (day, id) WHERE state = 'called';

CREATE TRIGGER journal_keeps_its_rows BEFORE UPDATE ON journal BEGIN
    SELECT raise(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER journal_loses_no_row BEFORE DELETE ON journal BEGIN
    SELECT raise(ABORT, 'the journal is only added to');
END;

-- A counter that a staff console has open.
CREATE TABLE counter (
    id        TEXT PRIMARY KEY,
    session   TEXT    NOT NULL,  -- the console's own name
    process   TEXT    NOT NULL,  -- where it runs: a console that died is no longer open
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ticket_is_new AFTER INSERT ON ticket BEGIN
    INSERT INTO errand (ticket, unit, state, rank_at, at)
    SELECT NEW.id, value, 'waiting', NEW.queued_at, NEW.issued_at
    FROM json_each(NEW.units)
    ORDER BY key;
END;

CREATE TRIGGER errand_begins BEFORE INSERT ON errand BEGIN
    SELECT raise(ABORT, 'this step is not among the legal moves of an errand')
    WHERE NOT EXISTS (SELECT 1 FROM move WHERE was = '' AND state = NEW.state);
END;

CREATE TRIGGER errand_is_new AFTER INSERT ON errand BEGIN
    INSERT INTO journal (at, day, errand, was, state, counter)
    SELECT NEW.at, day, NEW.id, '', NEW.state, NEW.counter
    FROM ticket
    WHERE id = NEW.ticket;
END;

-- A transfer ends one errand and begins another; an errand never changes hands.
CREATE TRIGGER errand_stays_what_it_is BEFORE UPDATE OF ticket, unit ON errand BEGIN
    SELECT raise(ABORT, 'an errand keeps its ticket and its unit');
END;

-- Before, not after: a statement's RETURNING may then read the row that the journal got.
CREATE TRIGGER errand_moves BEFORE UPDATE OF state ON errand BEGIN
    SELECT raise(ABORT, 'this step is not among the legal moves of an errand')
    WHERE NOT EXISTS (SELECT 1 FROM move WHERE was = OLD.state AND state = NEW.state);

    INSERT INTO journal (at, day, errand, was, state, counter)
    SELECT NEW.at, day, NEW.id, OLD.state, NEW.state, NEW.counter
    FROM ticket
    WHERE id = NEW.ticket;
END;

-- Calling the next one ends what the counter had, in the same statement.
CREATE TRIGGER call_ends_the_current BEFORE UPDATE OF state ON errand
WHEN NEW.state = 'called' AND OLD.state = 'waiting' BEGIN
    UPDATE errand
    SET state = 'served', at = NEW.at
    WHERE counter = NEW.counter AND state IN ('called', 'serving');
END;

PRAGMA application_id = 0x56756f72;  -- "Vuor"
PRAGMA user_version = 1;
