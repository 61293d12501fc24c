"""The one truth about papers: a written contract, and SQLite and PostgreSQL that keep it. The only SQL."""
