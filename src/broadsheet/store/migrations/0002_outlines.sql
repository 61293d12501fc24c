-- compatible: 2
-- refile

-- Beside day and kind, what setting an edition needs of each paper, so that no body need be read for it.
-- `categories` and `votes` are JSON, as in the body; `votes` is the latest reading, null where nobody voted.
DROP TABLE announcements;
CREATE TABLE announcements (
  day {text} NOT NULL, paper {int} NOT NULL, kind {int} NOT NULL, id {text} NOT NULL,
  categories {text} NOT NULL, votes {text}, featured {text}, version {int}, sample {int} NOT NULL,
  PRIMARY KEY (day, paper)
) {lean};
