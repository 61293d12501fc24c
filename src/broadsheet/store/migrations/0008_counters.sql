-- compatible: 8

-- Who outside counts what people make of papers; `worth` is a number, `counted` and `failed` are moments, '' for never.
CREATE TABLE counters (
  name {text} PRIMARY KEY, label {text} NOT NULL, unit {text} NOT NULL, worth {text} NOT NULL, growth {int} NOT NULL,
  counted {text} NOT NULL, failed {text} NOT NULL, error {text} NOT NULL
) {lean};
-- Every reading until now is Hugging Face's; in a paper's body a reading of another counter says whose it is.
INSERT INTO counters VALUES ('huggingface', 'Hugging Face', 'upvote', '1.0', 0, '', '', '');

-- The latest readings of the other counters, as JSON, beside `votes`, which stays Hugging Face's.
ALTER TABLE announcements ADD COLUMN counts {text};
