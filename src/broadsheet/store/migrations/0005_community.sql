-- compatible: 3

-- What people do together. `name` is the name that a paper had when it was said; see `marks`.
CREATE TABLE votes (
  name {text} NOT NULL, reader {text} NOT NULL, at {text} NOT NULL,
  PRIMARY KEY (name, reader)
) {lean};
CREATE INDEX votes_at ON votes (at);
CREATE INDEX votes_reader ON votes (reader);
CREATE INDEX marks_at ON marks (kind, at);
CREATE TABLE comments (
  id {text} PRIMARY KEY, name {text} NOT NULL, parent {text} NOT NULL, author {text} NOT NULL,
  at {text} NOT NULL, edited {text} NOT NULL, state {text} NOT NULL, body {text} NOT NULL
) {lean};
CREATE INDEX comments_name ON comments (name, at);
CREATE INDEX comments_author ON comments (author, at);
CREATE INDEX comments_at ON comments (at);
CREATE TABLE reports (
  comment {text} NOT NULL, reader {text} NOT NULL, reason {text} NOT NULL, at {text} NOT NULL,
  PRIMARY KEY (comment, reader)
) {lean};
CREATE TABLE submissions (name {text} PRIMARY KEY, reader {text} NOT NULL, at {text} NOT NULL) {lean};
CREATE INDEX submissions_at ON submissions (at);
CREATE TABLE kept_out (name {text} PRIMARY KEY, reader {text} NOT NULL, why {text} NOT NULL, at {text} NOT NULL) {lean};
CREATE TABLE offers (
  name {text} NOT NULL, url {text} NOT NULL, kind {text} NOT NULL, reader {text} NOT NULL, at {text} NOT NULL,
  verdict {text} NOT NULL,
  PRIMARY KEY (name, url)
) {lean};
CREATE TABLE claims (
  author {text} NOT NULL, reader {text} NOT NULL, evidence {text} NOT NULL, at {text} NOT NULL,
  verdict {text} NOT NULL,
  PRIMARY KEY (author, reader)
) {lean};
CREATE TABLE pins (
  day {text} NOT NULL, name {text} NOT NULL, place {int} NOT NULL, note {text} NOT NULL, reader {text} NOT NULL,
  since {text} NOT NULL,
  PRIMARY KEY (day, name)
) {lean};
CREATE TABLE notes (
  day {text} PRIMARY KEY, body {text} NOT NULL, reader {text} NOT NULL, since {text} NOT NULL
) {lean};

-- How often any of it changed: what pages keep in memory is right until then.
CREATE TABLE turns (name {text} PRIMARY KEY, state {int} NOT NULL) {lean};
