-- compatible: 3

-- Who may come in. `known` and `address` are name and e-mail folded, "" for no address; `password` is a hash or "".
CREATE TABLE accounts (
  id {text} PRIMARY KEY, name {text} NOT NULL, known {text} NOT NULL UNIQUE, email {text} NOT NULL,
  address {text} NOT NULL, role {text} NOT NULL, made {text} NOT NULL, confirmed {int} NOT NULL,
  banned {int} NOT NULL, password {text} NOT NULL
) {lean};
CREATE UNIQUE INDEX accounts_address ON accounts (address) WHERE address <> '';
CREATE TABLE logins (
  digest {text} PRIMARY KEY, key {text} NOT NULL, account {text} NOT NULL, made {text} NOT NULL,
  seen {text} NOT NULL, expires {text} NOT NULL, agent {text} NOT NULL
) {lean};
CREATE INDEX logins_account ON logins (account);
CREATE TABLE tokens (
  digest {text} PRIMARY KEY, key {text} NOT NULL, account {text} NOT NULL, label {text} NOT NULL,
  scopes {text} NOT NULL, made {text} NOT NULL, expires {text} NOT NULL, used {text} NOT NULL
) {lean};
CREATE INDEX tokens_account ON tokens (account);
CREATE TABLE identities (
  issuer {text} NOT NULL, subject {text} NOT NULL, account {text} NOT NULL,
  PRIMARY KEY (issuer, subject)
) {lean};
CREATE TABLE tickets (
  digest {text} PRIMARY KEY, key {text} NOT NULL, purpose {text} NOT NULL, account {text} NOT NULL,
  value {text} NOT NULL, made {text} NOT NULL, expires {text} NOT NULL
) {lean};

-- The audit log: what was done in the house's name, and by whom.
CREATE TABLE deeds (
  number {serial} PRIMARY KEY, at {text} NOT NULL, actor {text} NOT NULL, action {text} NOT NULL,
  object {text} NOT NULL, detail {text} NOT NULL
);
