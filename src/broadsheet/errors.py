"""Every error Broadsheet raises on purpose.

::

    BroadsheetError                something Broadsheet can explain
    ├── InputError                 the caller can fix it: bad id, bad file, bad setting
    │   ├── NotFoundError          a well-formed name of something that is not here
    │   ├── TakenError             a name that somebody else has
    │   ├── UnderWayError          the same is being done, or nobody knows whether it was
    │   ├── ReusedError            a request's key that was another request's
    │   ├── StrangerError          only somebody who is logged in may
    │   ├── RefusedError           whoever asks may not
    │   ├── TooManyError           too many tries; wait
    │   └── RecordError            one record of a source cannot be used; the rest can
    ├── SourceError                the outside world failed; a retry may help
    │   └── ThrottledError         the host asked us to wait
    ├── StoreError                 the database failed or refused
    │   ├── AwayError              the database does not answer; it may come back
    │   ├── BusyError              another process holds what we need
    │   └── SchemaError            the database is newer, older or not ours
    └── SearchError                the search index cannot answer
        └── StaleIndexError        it is missing, torn or made by other code: rebuild it

Messages say what was got and what was wanted. Foreign exceptions are mapped to these
where they enter. Exit codes and HTTP statuses come from one table, ``CODES``.
"""

from __future__ import annotations


class BroadsheetError(Exception):
    """The root: something Broadsheet can explain to the person in front of it."""


class InputError(BroadsheetError):
    """What the caller gave cannot be used; the message says what would be."""


class NotFoundError(InputError):
    """The name is well formed, but nothing here has it."""


class TakenError(InputError):
    """Somebody else has this name."""


class UnderWayError(InputError):
    """The same is being done, or was begun and nobody knows how it ended."""


class ReusedError(InputError):
    """The key that names a request was another request's."""


class StrangerError(InputError):
    """Only somebody who is logged in may do this."""


class RefusedError(InputError):
    """Whoever asks may not do this."""


class TooManyError(InputError):
    """Too many tries. ``retry_after`` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RecordError(InputError):
    """One record of a source cannot be used.

    ``where`` names the place (``papers.jsonl:17``), ``reason`` what is wrong with it; ``raw`` is
    the record as it stood in the source, where the source can still show it.
    """

    def __init__(self, where: str, reason: str, raw: str | None = None) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
        self.raw = raw


class SourceError(BroadsheetError):
    """A host out there failed or answered nonsense; trying again later may help."""


class ThrottledError(SourceError):
    """The host asked us to wait. ``retry_after`` is in seconds, None when it did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(BroadsheetError):
    """The database failed or refused."""


class BusyError(StoreError):
    """Another process or transaction holds what this one needs."""


class AwayError(StoreError):
    """The database's server does not answer, or hung up; once it is back, everything goes on."""


class SchemaError(StoreError):
    """The database was written by other code than this; the message says the way out."""


class SearchError(BroadsheetError):
    """The search index cannot answer."""


class StaleIndexError(SearchError):
    """The search index is missing, torn or of another make; ``broadsheet index --rebuild`` mends it."""


# One table for both worlds: (error, exit code, HTTP status). The first match counts.
CODES: tuple[tuple[type[BroadsheetError], int, int], ...] = (
    (NotFoundError, 4, 404),
    (TakenError, 2, 409),
    (UnderWayError, 75, 409),
    (ReusedError, 2, 422),
    (StrangerError, 77, 401),
    (RefusedError, 77, 403),
    (TooManyError, 75, 429),
    (InputError, 2, 400),
    (ThrottledError, 75, 503),
    (SourceError, 69, 502),
    (BusyError, 75, 503),
    (AwayError, 75, 503),
    (StoreError, 74, 500),
    (StaleIndexError, 70, 503),
    (BroadsheetError, 70, 500),
)


def exit_code(error: BroadsheetError) -> int:
    """The process exit code for an error."""
    return next(code for kind, code, _ in CODES if isinstance(error, kind))


def http_status(error: BroadsheetError) -> int:
    """The HTTP status for an error."""
    return next(status for kind, _, status in CODES if isinstance(error, kind))
