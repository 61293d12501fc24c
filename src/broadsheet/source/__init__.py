"""From the outside world to records: files, feeds and hosts, each a plug-in. Knows no database."""
