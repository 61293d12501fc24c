-- compatible: 9
-- refile titles

-- Which papers speak of which, and the keys by which titles are found: `mentions.target` is a name of a paper, or such
-- a key. Like `authors`, both hold shown papers only and can be made again from `papers`.
CREATE TABLE mentions (target {text} NOT NULL, paper {int} NOT NULL, PRIMARY KEY (target, paper)) {lean};
CREATE TABLE titles (key {text} NOT NULL, paper {int} NOT NULL, PRIMARY KEY (key, paper)) {lean};

-- What papers that are here already say of others is yet to be read (`Store.reread`).
INSERT INTO cursors (name, value) SELECT 'reread', '0' WHERE EXISTS (SELECT 1 FROM papers)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value;
