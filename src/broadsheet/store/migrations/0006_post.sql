-- compatible: 3

-- Who gets digests, confirmed by the owner of the address. `reader` is '' for the public list, whose digests are
-- nobody's own. `days` has a bit for each weekday, Monday's the lowest. `covered` is the last edition that a digest
-- told of, `told` the moment of the last piece of news; `due` is null for one that is stopped, and `why` says why.
-- While `holder` composes, until `lease`, nobody else does.
CREATE TABLE subscriptions (
  id {text} PRIMARY KEY,
  address {text} NOT NULL,
  reader {text} NOT NULL,
  days {int} NOT NULL,
  hour {int} NOT NULL,
  zone {text} NOT NULL,
  if_empty {int} NOT NULL,
  confirmed {text} NOT NULL,
  covered {text},
  told {text},
  due {text},
  why {text} NOT NULL,
  holder {text} NOT NULL,
  lease {text} NOT NULL,
  UNIQUE (address, reader)
) {lean};
CREATE INDEX subscriptions_due ON subscriptions (due) WHERE due IS NOT NULL;

-- Letters to be handed to a mail server. `state`: 0 waiting, 1 sent, 2 failed for good, 3 with the server, which has
-- not answered yet. `edition` names what a subscription's letter tells of, so that none is written twice; letters of
-- no subscription have '' and a name of their own. `body` goes once the letter has gone.
CREATE TABLE letters (
  no {serial} PRIMARY KEY,
  subscription {text} NOT NULL,
  edition {text} NOT NULL,
  address {text} NOT NULL,
  message_id {text} NOT NULL UNIQUE,
  body {blob} NOT NULL,
  state {int} NOT NULL,
  queued {text} NOT NULL,
  attempts {int} NOT NULL,
  due {text} NOT NULL,
  done {text},
  error {text} NOT NULL,
  holder {text} NOT NULL,
  lease {text} NOT NULL,
  UNIQUE (subscription, edition)
);
CREATE INDEX letters_due ON letters (due) WHERE state IN (0, 3);
CREATE INDEX letters_address ON letters (address, queued);
