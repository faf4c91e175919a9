"""The tables, as numbered steps from an empty database: step n takes user_version n-1 to n and is never changed."""

from __future__ import annotations

from collections.abc import Callable

import apsw


def _first(connection: apsw.Connection) -> None:
    connection.execute(_LIBRARY)
    connection.execute(_CONVERSATIONS)
    connection.execute(_LEDGER)


def _second(connection: apsw.Connection) -> None:
    connection.execute(_FINDINGS)
    connection.execute(_SCALE)


MIGRATIONS: list[Callable[[apsw.Connection], None]] = [_first, _second]

_LIBRARY = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('scopes', 0);

CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    private INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE roots (
    path TEXT NOT NULL,
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    PRIMARY KEY (path, collection_id)
) WITHOUT ROWID;

-- A document is a content as read by one version of the readers; many files may hold it.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL,
    reader_version INTEGER NOT NULL,
    format TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    pages BLOB NOT NULL,
    page_count INTEGER NOT NULL,
    chunk_count INTEGER NOT NULL,
    UNIQUE (sha256, reader_version)
);
CREATE INDEX documents_chunks ON documents (chunk_count);
-- Apart from documents, so that walking those does not read the texts.
CREATE TABLE texts (
    document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    text BLOB NOT NULL
);

CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'waiting',
    size INTEGER NOT NULL DEFAULT 0,
    mtime_ns INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    document_id INTEGER REFERENCES documents,
    attempts INTEGER NOT NULL DEFAULT 0,
    reader TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    details TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX files_state ON files (state);
CREATE INDEX files_document ON files (document_id);
CREATE TABLE memberships (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    PRIMARY KEY (collection_id, file_id)
) WITHOUT ROWID;
CREATE INDEX memberships_file ON memberships (file_id);

-- What is embedded is lead || text; hash is its sha256.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    hash BLOB NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    page INTEGER,
    heading TEXT NOT NULL,
    lead TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE UNIQUE INDEX chunks_place ON chunks (document_id, ordinal, hash);
CREATE INDEX chunks_hash ON chunks (hash, document_id);

CREATE VIRTUAL TABLE passages USING fts5 (
    words, stems, codes, heading,
    content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (passages, row);

CREATE TABLE embedders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    embedder_id INTEGER NOT NULL REFERENCES embedders,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (hash, embedder_id)
);
-- Tells an index in memory which of its vectors are gone.
CREATE TABLE removed_vectors (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    vector_id INTEGER NOT NULL
);
-- Documents not wholly embedded, and how many of their chunks have no vector.
CREATE TABLE pending (
    embedder_id INTEGER NOT NULL REFERENCES embedders ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    missing INTEGER NOT NULL,
    PRIMARY KEY (embedder_id, document_id)
) WITHOUT ROWID;
CREATE INDEX pending_document ON pending (document_id);
"""

_CONVERSATIONS = """
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    updated REAL NOT NULL
);
CREATE INDEX conversations_updated ON conversations (updated);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    parent_id INTEGER REFERENCES messages ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    created REAL NOT NULL,
    collection TEXT,
    documents INTEGER NOT NULL DEFAULT 1,
    answer BLOB,
    writer TEXT
);
CREATE INDEX messages_conversation ON messages (conversation_id);
CREATE INDEX messages_parent ON messages (parent_id);
CREATE INDEX messages_writer ON messages (writer) WHERE writer IS NOT NULL;
"""

_LEDGER = """
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    purpose TEXT NOT NULL,
    what TEXT NOT NULL,
    host TEXT NOT NULL,
    bytes_out INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE TABLE ledger_head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    count INTEGER NOT NULL,
    digest TEXT NOT NULL
);
INSERT INTO ledger_head VALUES (1, 0, '');
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_head_stays BEFORE DELETE ON ledger_head BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head WHEN new.count IS NOT old.count + 1
BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
"""

_FINDINGS = """
-- JSON lists: what a person would not see of it, what went wrong in reading, names of the files inside it.
ALTER TABLE documents ADD COLUMN hidden TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN members TEXT NOT NULL DEFAULT '[]';
-- The file that this one lies inside: an attachment's letter, a member's archive.
ALTER TABLE files ADD COLUMN container_id INTEGER REFERENCES files ON DELETE CASCADE;
CREATE INDEX files_container ON files (container_id) WHERE container_id IS NOT NULL;

-- Text recognition takes minutes: such a file waits until the others are read.
ALTER TABLE files ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
CREATE TABLE passwords (
    file_id INTEGER PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    password TEXT NOT NULL
);

-- Tells a moved file from a new one; 0 where the system gives none.
ALTER TABLE files ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;
CREATE INDEX files_inode ON files (inode) WHERE inode <> 0;
-- Where the drive of an added folder is mounted: without it the folder is away, not empty.
ALTER TABLE roots ADD COLUMN mount TEXT NOT NULL DEFAULT '';
-- What a person took out of an added folder, so that watching does not bring it back.
CREATE TABLE left_out (path TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO counters VALUES ('paused', 0);

CREATE TABLE tags (
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (file_id, tag)
) WITHOUT ROWID;
CREATE INDEX tags_tag ON tags (tag);

-- Questions that a person knows the answer of, and where it stands: the library's test of itself.
CREATE TABLE gold (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    question TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    words TEXT NOT NULL
);
CREATE TABLE gold_runs (id INTEGER PRIMARY KEY AUTOINCREMENT, report BLOB NOT NULL);

-- Files that a person took out of a collection although they lie in a folder of it.
CREATE TABLE moved_out (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    PRIMARY KEY (collection_id, file_id)
) WITHOUT ROWID;
CREATE INDEX moved_out_file ON moved_out (file_id);

-- Conversations brought from another program, by their name there.
CREATE TABLE imported (
    origin TEXT PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX imported_conversation ON imported (conversation_id);
"""

_SCALE = """
-- What an embedder that serves no more has left is deleted in slices; after that it is swept.
ALTER TABLE embedders ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE embedders ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;

-- From the id of a vector to its text without reading the vector.
CREATE INDEX vectors_text ON vectors (id, hash);
-- From a chunk to its document without reading the text.
CREATE INDEX chunks_document ON chunks (id, document_id);

-- Kept sums, since every search asks for them: "chunks", "files " and a state, "missing " and an embedder.
INSERT INTO counters SELECT 'chunks', coalesce(sum(chunk_count), 0) FROM documents;
INSERT INTO counters SELECT 'files ' || state, count(*) FROM files GROUP BY state;
INSERT INTO counters SELECT 'missing ' || embedder_id, sum(missing) FROM pending GROUP BY embedder_id;
CREATE TRIGGER documents_counted AFTER INSERT ON documents BEGIN
    UPDATE counters SET value = value + new.chunk_count WHERE name = 'chunks';
END;
CREATE TRIGGER documents_uncounted AFTER DELETE ON documents BEGIN
    UPDATE counters SET value = value - old.chunk_count WHERE name = 'chunks';
END;
CREATE TRIGGER files_counted AFTER INSERT ON files BEGIN
    INSERT INTO counters VALUES ('files ' || new.state, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER files_uncounted AFTER DELETE ON files BEGIN
    UPDATE counters SET value = value - 1 WHERE name = 'files ' || old.state;
END;
CREATE TRIGGER files_recounted AFTER UPDATE OF state ON files WHEN new.state <> old.state BEGIN
    UPDATE counters SET value = value - 1 WHERE name = 'files ' || old.state;
    INSERT INTO counters VALUES ('files ' || new.state, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER pending_counted AFTER INSERT ON pending BEGIN
    INSERT INTO counters VALUES ('missing ' || new.embedder_id, new.missing)
        ON CONFLICT (name) DO UPDATE SET value = value + new.missing;
END;
CREATE TRIGGER pending_uncounted AFTER DELETE ON pending BEGIN
    UPDATE counters SET value = value - old.missing WHERE name = 'missing ' || old.embedder_id;
END;
CREATE TRIGGER pending_recounted AFTER UPDATE OF missing ON pending BEGIN
    UPDATE counters SET value = value + new.missing - old.missing WHERE name = 'missing ' || new.embedder_id;
END;
"""
