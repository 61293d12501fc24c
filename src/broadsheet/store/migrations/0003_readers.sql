-- compatible: 3

-- What readers say of papers. `detail` is a tag's or collection's name, else empty; `body` a note or a reason.
-- A mark stays with the name it was made under, so that unfolding two papers gives each its own back.
CREATE TABLE marks (
  reader {text} NOT NULL, name {text} NOT NULL, kind {text} NOT NULL, detail {text} NOT NULL,
  body {text} NOT NULL, at {text} NOT NULL,
  PRIMARY KEY (reader, name, kind, detail)
) {lean};
INSERT INTO marks SELECT reader, name, 'saved', '', '', at FROM saves;
DROP TABLE saves;
CREATE INDEX marks_name ON marks (name);
CREATE TABLE follows (
  reader {text} NOT NULL, kind {text} NOT NULL, value {text} NOT NULL, label {text} NOT NULL,
  alert {int} NOT NULL, at {text} NOT NULL,
  PRIMARY KEY (reader, kind, value)
) {lean};
CREATE TABLE preferences (
  reader {text} NOT NULL, name {text} NOT NULL, value {text} NOT NULL,
  PRIMARY KEY (reader, name)
) {lean};

-- How often each reader has changed anything of the above: what was worked out from it is kept until then.
CREATE TABLE readers (reader {text} PRIMARY KEY, state {int} NOT NULL) {lean};
INSERT INTO readers SELECT DISTINCT reader, 1 FROM marks;
