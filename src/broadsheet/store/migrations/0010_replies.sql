-- compatible: 9

-- What was answered to requests that may come again, by whose they were (`token` is '' at a browser) and a hash of the
-- key that they came under. `asked` is a hash of the request, `answer` null while it is under way. Kept for a day.
CREATE TABLE replies (
  reader {text} NOT NULL,
  token {text} NOT NULL,
  key {text} NOT NULL,
  asked {text} NOT NULL,
  at {text} NOT NULL,
  answer {text},
  PRIMARY KEY (reader, token, key)
) {lean};
CREATE INDEX replies_at ON replies (at);
