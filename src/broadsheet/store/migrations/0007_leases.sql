-- compatible: 3

-- Work that one process does for all of them. `until` is in milliseconds since 1970, by the database's own clock; a
-- lease that was given back or has run out is anybody's. `turn` grows whenever it comes to another holder.
CREATE TABLE leases (
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,
  until {int} NOT NULL,
  turn {int} NOT NULL
) {lean};
