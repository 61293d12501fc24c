"""The contract ``Counters`` in SQL, for every engine. Each call is one statement and commits by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from broadsheet.model import Counter
from broadsheet.store.counters import Told
from broadsheet.store.engine import Transaction
from broadsheet.store.rows import moment


class SqlCounters:
    """Counters in one database."""

    def __init__(self, *, reading: Transaction) -> None:
        self._reading = reading

    def known(self) -> Mapping[str, Told]:
        """Every counter by its name, in the order of the names."""
        with self._reading() as session:
            rows = session.all(
                "SELECT name, label, unit, worth, growth, counted, failed, error FROM counters ORDER BY name"
            )
        return {
            name: Told(
                counter=Counter(name=name, label=label, unit=unit, worth=float(worth), growth=bool(growth)),
                counted=datetime.fromisoformat(counted) if counted else None,
                failed=datetime.fromisoformat(failed) if failed else None,
                error=error,
            )
            for name, label, unit, worth, growth, counted, failed, error in rows
        }

    def describe(self, counter: Counter) -> None:
        """Keep what a counter is; one that is known keeps the worth that it has."""
        with self._reading() as session:
            session.run(
                "INSERT INTO counters VALUES (:name, :label, :unit, :worth, :growth, '', '', '') "
                "ON CONFLICT (name) DO UPDATE SET "
                "label = excluded.label, unit = excluded.unit, growth = excluded.growth",
                name=counter.name,
                label=counter.label,
                unit=counter.unit,
                worth=str(counter.worth),
                growth=int(counter.growth),
            )

    def weigh(self, name: str, worth: float) -> None:
        """Let one of a known counter's be worth so many votes."""
        with self._reading() as session:
            session.run("UPDATE counters SET worth = :worth WHERE name = :name", name=name, worth=str(worth))

    def succeed(self, name: str, *, now: datetime) -> None:
        """Note that a known counter's readings came in."""
        with self._reading() as session:
            session.run("UPDATE counters SET counted = :now WHERE name = :name", name=name, now=moment(now))

    def fail(self, name: str, error: str, *, now: datetime) -> None:
        """Note that they did not, and why."""
        with self._reading() as session:
            session.run(
                "UPDATE counters SET failed = :now, error = :error WHERE name = :name",
                name=name,
                now=moment(now),
                error=error,
            )
