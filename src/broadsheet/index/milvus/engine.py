"""Talks to Milvus: collections, rows, counts, searches. Knows no papers.

Every exception of the client becomes one of ours: a collection that is not there is a stale index,
anything else a search that failed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final

from pymilvus import CollectionSchema, MilvusClient, MilvusException  # type: ignore[import-untyped]

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.index.files import WAY_OUT

Row = dict[str, Any]

# The engine's own bounds: rows of one answer, and candidates of one search.
MOST: Final = 16_384

# Servers send away a client that asks too often, while nothing else is asked, whether they are there.
_OPTIONS: Final = {"grpc.keepalive_permit_without_calls": False}

# Rows written at a time, so that a message stays well below the engine's 64 MB.
_WRITTEN: Final = 1000
# Keys asked for at a time, so that an expression stays short enough to be parsed quickly.
_ASKED: Final = 2000

_NOT_FOUND: Final = 100
_NOBODY: Final = "pk == ''"
STRONG: Final = "Strong"
BOUNDED: Final = "Bounded"


class Engine:
    """One address and one prefix of names. Safe to share between threads."""

    def __init__(self, address: str, *, prefix: str = "broadsheet") -> None:
        """``address`` is a server's (``http://host:19530``) or a file's (``….db``, embedded)."""
        # The client logs what it raises, with a stack; we say it once, in our words.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        self.address: Final = address
        self.prefix: Final = prefix
        with _mapped(address):
            self._client = MilvusClient(address, grpc_options=_OPTIONS)
            version = str(self._client.get_server_version())
        # The embedded engine has no indexes of words for its conditions, nor of lists.
        self.embedded: Final = version.startswith("milvus_lite")
        self._loaded: set[str] = set()

    def collections(self) -> list[str]:
        """The collections whose names have our prefix."""
        with self._mapped():
            return sorted(n for n in self._client.list_collections() if n.startswith(f"{self.prefix}_"))

    def create(
        self,
        name: str,
        schema: CollectionSchema,
        *,
        vectors: Mapping[str, Mapping[str, Any]],
        scalars: Sequence[str],
    ) -> None:
        """Make a collection with its indexes, ready to be searched."""
        indexes = MilvusClient.prepare_index_params()
        for field, stated in vectors.items():
            indexes.add_index(field, **stated)
        for field in () if self.embedded else scalars:  # that reads everything anyway
            indexes.add_index(field, index_type="")  # the one that the server holds best
        with self._mapped():
            self._client.create_collection(name, schema=schema)
            # Nothing is there to be indexed yet, so nobody need wait for it.
            self._client.create_index(name, indexes, sync=False)
            self._client.load_collection(name)

    def drop(self, name: str) -> None:
        """Take a collection away, where it is there."""
        with self._mapped():
            self._client.drop_collection(name)
        self._loaded.discard(name)

    def exists(self, name: str) -> bool:
        """Whether there is a collection of this name."""
        with self._mapped():
            return bool(self._client.has_collection(name))

    def put(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows, replacing those of the same primary keys; durable when it returns."""
        with self._mapped():
            for start in range(0, len(rows), _WRITTEN):
                self._client.upsert(name, list(rows[start : start + _WRITTEN]))

    def delete(self, name: str, where: str) -> None:
        """Delete the rows that an expression holds for."""
        with self._mapped():
            self._client.delete(name, filter=where)

    def settle(self, name: str) -> None:
        """Let the embedded engine index what was written; a server does so by itself."""
        if self.embedded:
            with self._mapped():
                self._client.flush(name)

    def count(self, name: str, where: str, *, consistency: str = STRONG) -> int:
        """How many rows an expression holds for."""
        with self._loading(name):
            answer = self._client.query(
                name, filter=where, output_fields=["count(*)"], consistency_level=consistency
            )
        return int(answer[0]["count(*)"])

    def rows(
        self,
        name: str,
        where: str,
        fields: Sequence[str],
        *,
        limit: int = MOST,
        consistency: str = STRONG,
    ) -> list[Row]:
        """The rows that an expression holds for, in no order; at most ``limit``, itself at most ``MOST``."""
        with self._loading(name):
            answer = self._client.query(
                name,
                filter=where,
                output_fields=list(fields),
                limit=min(limit, MOST),
                consistency_level=consistency,
            )
        return [dict(row) for row in answer]

    def rows_of(
        self,
        name: str,
        field: str,
        values: Sequence[str],
        fields: Sequence[str],
        *,
        where: str = "",
        consistency: str = STRONG,
    ) -> list[Row]:
        """The rows whose ``field`` is one of many values, in no order; few for each value."""
        found: list[Row] = []
        for start in range(0, len(values), _ASKED):
            asked = one_of(field, values[start : start + _ASKED])
            found += self.rows(name, all_of([asked, where]), fields, consistency=consistency)
        return found

    def search(
        self,
        name: str,
        query: str | Sequence[float],
        *,
        field: str,
        k: int,
        where: str,
        fields: Sequence[str],
        consistency: str = STRONG,
    ) -> list[tuple[float, Row]]:
        """The k rows nearest to a text or a vector that an expression holds for, best first, with scores."""
        with self._loading(name):
            answer = self._client.search(
                name,
                data=[query if isinstance(query, str) else list(query)],
                anns_field=field,
                limit=min(k, MOST),
                filter=where,
                output_fields=list(fields),
                consistency_level=consistency,
            )
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in answer[0]]

    def close(self) -> None:
        """Close the connection."""
        with suppress(MilvusException):
            self._client.close()

    @contextmanager
    def _loading(self, name: str) -> Iterator[None]:
        """As ``_mapped``; a collection that an engine has put away since is taken out first."""
        with self._mapped():
            if name not in self._loaded:
                self._client.load_collection(name)
                self._loaded.add(name)
            yield

    def _mapped(self) -> AbstractContextManager[None]:
        return _mapped(self.address)


@contextmanager
def _mapped(address: str) -> Iterator[None]:
    try:
        yield
    except MilvusException as error:
        if error.code == _NOT_FOUND or "can't find collection" in str(error):
            raise StaleIndexError(f"the search index on {address} was taken away; {WAY_OUT}") from error
        raise SearchError(f"Milvus at {address} did not answer as expected: {error.message}") from error


# -- expressions


def quoted(text: str) -> str:
    """A text as a literal of an expression."""
    return json.dumps(text, ensure_ascii=False)


def one_of(field: str, values: Sequence[str]) -> str:
    """That a field is one of some values."""
    return f"{field} in [{', '.join(map(quoted, values))}]"


def any_held(field: str, values: Sequence[str]) -> str:
    """That a list field holds at least one of some values."""
    return f"array_contains_any({field}, [{', '.join(map(quoted, values))}])"


def beginning(field: str, start: str) -> str:
    """That a field's text begins so; a range, for patterns would take some letters as signs."""
    return f"{field} >= {quoted(start)} and {field} < {quoted(start + chr(0x10FFFF))}"


def all_of(parts: Sequence[str]) -> str:
    """That every part holds; an empty part asks nothing."""
    return _joined(" and ", [part for part in parts if part])


def one_or_more(parts: Sequence[str]) -> str:
    """That at least one part holds; without parts, none does."""
    return _joined(" or ", parts) if parts else _NOBODY


def without(part: str) -> str:
    """That the part does not hold."""
    return f"not ({part})" if part else _NOBODY


def _joined(sign: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else sign.join(f"({part})" for part in parts)


Clock = Callable[[], float]
