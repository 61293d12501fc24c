-- compatible: 1

-- What this database is: the schema's number, who can use it, its name.
CREATE TABLE meta (name {text} PRIMARY KEY, value {text} NOT NULL) {lean};

-- One row a paper. `state`: 0 shown, 1 folded into the paper numbered `whole`, 2 deleted.
-- `body` is what readers see; `own`, on papers with others folded in, what is the paper's own.
-- `seq` is the change log: the number of the paper's last change.
CREATE TABLE papers (
  no {serial} PRIMARY KEY,
  id {text} NOT NULL UNIQUE,
  state {int} NOT NULL,
  whole {int},
  seq {int} NOT NULL UNIQUE,
  day {text} NOT NULL,
  dated {text} NOT NULL,
  added {text} NOT NULL,
  revised {int} NOT NULL,
  digest {blob},
  body {text} NOT NULL,
  own {text}
);
CREATE INDEX papers_day ON papers (day, id) WHERE state = 0;
CREATE INDEX papers_whole ON papers (whole) WHERE whole IS NOT NULL;

-- Every name that a paper answers to, its own among them.
CREATE TABLE names (name {text} PRIMARY KEY, paper {int} NOT NULL) {lean};

-- These three hold shown papers only, and can be made again from `papers`.
CREATE TABLE announcements (
  day {text} NOT NULL, paper {int} NOT NULL, kind {int} NOT NULL, featured {int} NOT NULL,
  PRIMARY KEY (day, paper)
) {lean};
CREATE TABLE authors (key {text} NOT NULL, paper {int} NOT NULL, PRIMARY KEY (key, paper)) {lean};
CREATE TABLE sketches (band {int} NOT NULL, paper {int} NOT NULL, PRIMARY KEY (band, paper)) {lean};

CREATE TABLE history (
  paper {int} NOT NULL, n {int} NOT NULL, body {text} NOT NULL,
  PRIMARY KEY (paper, n)
) {lean};
CREATE TABLE apart (one {text} NOT NULL, other {text} NOT NULL, PRIMARY KEY (one, other)) {lean};
CREATE TABLE cursors (name {text} PRIMARY KEY, value {text} NOT NULL) {lean};

CREATE TABLE saves (
  reader {text} NOT NULL, name {text} NOT NULL, at {text} NOT NULL,
  PRIMARY KEY (reader, name)
) {lean};
CREATE INDEX saves_name ON saves (name);
CREATE TABLE notices (
  reader {text} NOT NULL, name {text} NOT NULL, kind {text} NOT NULL, at {text} NOT NULL, seen {int} NOT NULL,
  PRIMARY KEY (reader, name, kind, at)
) {lean};
