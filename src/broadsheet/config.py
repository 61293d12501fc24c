"""One frozen Settings, made once: file < environment < flags. Inner code receives values, never this."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from broadsheet.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. ``docs/reference/settings.md`` is made from this class.

    Each field's ``help`` is its documentation; the environment variable is ``BROADSHEET_`` and the
    name in capitals.
    """

    data: Path = field(
        default_factory=lambda: Path(platformdirs.user_data_dir("broadsheet")),
        metadata={"help": "Folder of the database, the index and the rejects files."},
    )
    database: str = field(
        default="",
        metadata={"help": "A `postgresql://` address; empty for SQLite in the data folder."},
    )
    index: str = field(
        default="",
        metadata={
            "help": "A Milvus server's address, such as `http://milvus:19530`, or `milvus` for the engine "
            "embedded in this process; empty for files in the data folder. Milvus needs the extra `milvus`."
        },
    )
    host: str = field(default="127.0.0.1", metadata={"help": "Address to serve on."})
    port: int = field(default=8000, metadata={"help": "Port to serve on."})
    base_url: str = field(
        default="",
        metadata={
            "help": "Public address, for links in feeds and letters; empty: what the reader's browser asked for."
        },
    )
    host_names: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Further names by which readers and proxies ask for this site, such as `papers.lan`. Known without: "
            "the name in `base_url`, `localhost` and addresses in digits. Requests to any other name are refused (421)."
        },
    )
    title: str = field(default="Broadsheet", metadata={"help": "Name on the masthead."})
    api_rate: int = field(
        default=600,
        metadata={
            "help": "How many requests a minute one program may make of the API in each process, counted by its account or address; 0: any number."
        },
    )
    api_origins: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Sites whose pages may read the API from a browser (CORS), such as `https://lab.example`; "
            "`*` for all. A reader's shelf is never open to them."
        },
    )
    encoder: str = field(
        default="minilm",
        metadata={
            "help": "The better vectors, made in the background: `minilm` (packaged), `none`, or the name "
            "of a sentence-embedding model on a hub (needs the extra `hub`)."
        },
    )
    access: str = field(
        default="auto",
        metadata={
            "help": "`single`: one reader, no accounts; `team`: accounts; `auto`: single on a loopback address, team on any other."
        },
    )
    readable_by: str = field(
        default="everyone",
        metadata={"help": "With accounts, who may read without one: `everyone`, or `members` only."},
    )
    registration: str = field(
        default="invited",
        metadata={
            "help": "Who may make an account: `closed` (administrators make them), `invited`, or `open` (needs mail)."
        },
    )
    oidc_issuer: str = field(
        default="",
        metadata={
            "help": "An OpenID Connect provider's issuer address, to log in through it (extra `oidc`)."
        },
    )
    oidc_client_id: str = field(
        default="", metadata={"help": "The name that the provider knows this paper by."}
    )
    oidc_client_secret: str = field(
        default="", metadata={"help": "The secret that goes with it.", "secret": True}
    )
    oidc_name: str = field(
        default="single sign-on", metadata={"help": "What the log-in page calls the provider."}
    )
    proxy_user_header: str = field(
        default="",
        metadata={
            "help": "A header in which a trusted reverse proxy names the user, such as `X-Forwarded-User`."
        },
    )
    proxy_email_header: str = field(
        default="", metadata={"help": "A header in which it tells the user's address; may stay empty."}
    )
    trusted_proxies: tuple[str, ...] = field(
        default=("127.0.0.1", "::1"),
        metadata={"help": "Addresses or networks from which those headers are believed."},
    )
    log: str = field(default="plain", metadata={"help": "How the log is written: `plain` lines or `json`."})
    requests_at_once: int = field(
        default=64, metadata={"help": "More requests at the same time are told to come back (503)."}
    )
    processes: int = field(
        default=1,
        metadata={
            "help": "Processes that answer readers, each with memory of its own; as many as there are cores for a busy "
            "site. The background work then has one more."
        },
    )
    slow_seconds: int = field(default=1, metadata={"help": "A request that takes this long is logged."})
    contact: str = field(
        default="",
        metadata={"help": "Your e-mail address or page, told to arXiv with every request; they ask for it."},
    )
    arxiv_sets: tuple[str, ...] = field(
        default=("cs", "stat"),
        metadata={"help": "OAI-PMH sets to harvest, such as `cs`, `cs:cs:CL`, `physics:astro-ph`."},
    )
    arxiv_from: str = field(
        default="",
        metadata={
            "help": "First day to harvest (YYYY-MM-DD) when nothing was harvested yet; empty: a week ago."
        },
    )
    arxiv_oai_url: str = field(
        default="https://oaipmh.arxiv.org/oai",
        metadata={"help": "Where arXiv's OAI-PMH is asked: another address for a mirror or a rehearsal."},
    )
    arxiv_feed_url: str = field(
        default="https://rss.arxiv.org/atom/",
        metadata={"help": "Where arXiv's announcement feeds are; a feed's name is put at its end."},
    )
    counters: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Counters of votes whose sites `broadsheet import-votes` asks, such as `hackernews`; "
            "none is asked that is not named here."
        },
    )
    orcid_url: str = field(
        default="https://pub.orcid.org",
        metadata={
            "help": "Where ORCID's public lists of works are asked for, for readers who give their iD."
        },
    )
    arxiv_api_url: str = field(
        default="https://export.arxiv.org/api/query",
        metadata={"help": "Where arXiv's query API is asked for single papers."},
    )
    smtp_host: str = field(
        default="",
        metadata={"help": "The mail server that takes digests; empty: no mail is sent."},
    )
    smtp_port: int = field(
        default=0,
        metadata={"help": "Its port; 0: 587 for `starttls`, 465 for `tls`, 25 for `none`."},
    )
    smtp_security: str = field(
        default="starttls",
        metadata={"help": "How mail is kept private on its way there: `starttls`, `tls` or `none`."},
    )
    smtp_user: str = field(default="", metadata={"help": "Whom to log in as; empty: nobody."})
    smtp_password: str = field(
        default="", repr=False, metadata={"help": "The password of `smtp_user`.", "secret": True}
    )
    mail_from: str = field(
        default="",
        metadata={"help": "From whom letters are, such as `Broadsheet <paper@example.org>`."},
    )
    mail_bounces: str = field(
        default="",
        metadata={"help": "Address for letters that could not be delivered; empty: that of `mail_from`."},
    )
    mail_footer: str = field(
        default="",
        metadata={
            "help": "A line at the end of letters, such as the postal address that some countries ask for."
        },
    )
    dkim_selector: str = field(
        default="",
        metadata={
            "help": "Signs letters (DKIM): the name of the key in DNS, such as `broadsheet`; empty: the mail "
            "server signs. Needs the extra `dkim`."
        },
    )
    dkim_key: str = field(
        default="", repr=False, metadata={"help": "The RSA key that signs, in PEM.", "secret": True}
    )
    websub_hub: str = field(
        default="",
        metadata={
            "help": "A WebSub hub's address; it is told of every new edition, and feed readers are told of it."
        },
    )
    mail_connections: int = field(default=2, metadata={"help": "How many letters are handed over at once."})


_NAMES = tuple(f.name for f in fields(Settings))
# Settings that can come from a file of their own: BROADSHEET_X_FILE for BROADSHEET_X.
_SECRETS = frozenset(f.name for f in fields(Settings) if f.metadata.get("secret")) | {"database"}
_CHOICES = {
    "log": ("plain", "json"),
    "access": ("auto", "single", "team"),
    "readable_by": ("everyone", "members"),
    "registration": ("closed", "invited", "open"),
    "smtp_security": ("starttls", "tls", "none"),
}
_WEB = ("https://", "http://")


def load(
    *,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """The settings in force.

    ``file`` (or ``BROADSHEET_CONFIG``) is a TOML file of these keys; without either,
    ``config.toml`` of the user's configuration folder is read where it exists. Flags that are
    None are not set. Raises InputError for unknown keys, with the nearest name, and for values
    of the wrong kind.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    named = file or (Path(environ["BROADSHEET_CONFIG"]) if environ.get("BROADSHEET_CONFIG") else None)
    path = named or Path(platformdirs.user_config_dir("broadsheet")) / "config.toml"
    if named is not None or path.is_file():
        for key, value in _read(path).items():
            values[_known(key, str(path))] = value
    for key, value in environ.items():
        name = key.removeprefix("BROADSHEET_").lower()
        if not key.startswith("BROADSHEET_") or name in _OTHER_VARIABLES:
            continue
        if name.endswith("_file") and (plain := name.removesuffix("_file")) in _SECRETS:
            values[plain] = _secret(Path(value), key)
        else:
            values[_known(name, f"environment variable {key}")] = value
    values |= {_known(k, "flag"): v for k, v in (flags or {}).items() if v is not None}
    kinds = get_type_hints(Settings)
    return Settings(**{name: _convert(name, value, kinds[name]) for name, value in values.items()})


# Whole numbers that may not be as they like.
_LIMITS = {"mail_connections": (1, 50), "processes": (1, 64), "requests_at_once": (1, 1_000_000)}

# Variables of ours that are no settings: where the file is, and where tests find their data.
_OTHER_VARIABLES = frozenset({"config", "shared", "debug"})


def _secret(path: Path, variable: str) -> str:
    """A secret from a file of its own, as container platforms hand them over."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read the secret file {path} (environment variable {variable}): {error}"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read the settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the settings file {path} is not TOML: {error}") from error


def _known(name: str, where: str) -> str:
    if name in _NAMES:
        return name
    near = difflib.get_close_matches(name, _NAMES, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(_NAMES)}"
    raise InputError(f"unknown setting {name!r} ({where}){hint}")


def _default(name: str) -> object:
    return next(f.default for f in fields(Settings) if f.name == name)


def _convert(name: str, value: object, kind: object) -> Any:
    if kind is int:
        try:
            number = int(str(value))
        except ValueError as error:
            raise InputError(f"setting {name!r} is {value!r}; expected a whole number") from error
        least, most = _LIMITS.get(name, (0, 65535 if name.endswith("port") else 1_000_000))
        if not least <= number <= most:
            raise InputError(f"setting {name!r} is {number}; expected {least} to {most}")
        return number
    if kind is Path:
        return Path(str(value)).expanduser()
    if kind is str:
        if not isinstance(value, str):
            raise InputError(f"setting {name!r} is {value!r}; expected text")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise InputError(f"setting {name!r} is {value!r}; expected one of {', '.join(_CHOICES[name])}")
        if name.startswith("arxiv_") and name.endswith("_url") and not value.startswith(_WEB):
            raise InputError(f"setting {name!r} is {value!r}; expected an address such as {_default(name)!r}")
        return value
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(i, str) for i in items):
        raise InputError(f"setting {name!r} is {value!r}; expected a list of names")
    return tuple(items)
