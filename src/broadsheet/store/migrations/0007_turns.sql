-- compatible: 3

-- Work that one process does for all of them. `until` is in milliseconds since 1970, by the database's own clock; a
-- lease that was given back or has run out is anybody's. `turn` grows whenever it comes to another holder.
CREATE TABLE leases (
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,
  until {int} NOT NULL,
  turn {int} NOT NULL
) {lean};

-- What happened too often lately: failed logins, letters asked for, comments. `key` is a hash of what was tried and by
-- whom; a line counts `times` until `until`, and goes with the next one that is written.
CREATE TABLE tallies (
  key {text} NOT NULL,
  until {text} NOT NULL,
  times {int} NOT NULL,
  PRIMARY KEY (key, until)
) {lean};
CREATE INDEX tallies_until ON tallies (until);
