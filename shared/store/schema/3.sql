-- Version 3: the ticket in hand, on paper and on the phone.

-- How often its resident has asked for more time.
ALTER TABLE errand ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;

INSERT INTO move (verb, was, state)
VALUES ('put-off', 'waiting', 'waiting'),
       ('put-off', 'called',  'waiting');

DROP INDEX journal_calls;
CREATE INDEX journal_calls ON journal (day, id)
    WHERE verb IN ('call', 'recall', 'back', 'put-off', 'undo');

-- How it went, as the resident says: 1 is bad, 5 is good. Once, and of nobody in particular.
CREATE TABLE rating (
    ticket INTEGER PRIMARY KEY REFERENCES ticket (id),
    score  INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    at     INTEGER NOT NULL
) STRICT;

-- Tickets to be printed once more, as the staff ask for it. A kiosk with a printer takes them.
CREATE TABLE printout (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
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
