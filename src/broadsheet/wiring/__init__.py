"""The only place that names backends: from settings to a store, an index, a library, a web application, the post."""

from broadsheet.wiring.following import build_in_bulk, catch_up, follow
from broadsheet.wiring.keeping import back_up, look_over, restore, verify_backup
from broadsheet.wiring.measuring import (
    Search,
    collection_papers,
    collection_search,
    collection_searches,
    collection_snapshot,
)
from broadsheet.wiring.opening import Archive, Count, encoder_named, open_archive, open_library, open_store
from broadsheet.wiring.posting import editor_of, keep_posting, mail_server, send_letters, write_digests
from broadsheet.wiring.serving import (
    READER,
    OwnPapers,
    accounts,
    first_invitation,
    is_team,
    publish_files,
    serve_mcp,
    web_app,
)
from broadsheet.wiring.taking import (
    describe_sources,
    fold_new,
    harvest_host,
    learn_interest,
    read_records,
    sync,
    take_in,
    take_sample,
    take_votes,
)

__all__ = [
    "READER",
    "Archive",
    "Count",
    "OwnPapers",
    "Search",
    "accounts",
    "back_up",
    "build_in_bulk",
    "catch_up",
    "collection_papers",
    "collection_search",
    "collection_searches",
    "collection_snapshot",
    "describe_sources",
    "editor_of",
    "encoder_named",
    "first_invitation",
    "fold_new",
    "follow",
    "harvest_host",
    "is_team",
    "keep_posting",
    "learn_interest",
    "look_over",
    "mail_server",
    "open_archive",
    "open_library",
    "open_store",
    "publish_files",
    "read_records",
    "restore",
    "send_letters",
    "serve_mcp",
    "sync",
    "take_in",
    "take_sample",
    "take_votes",
    "verify_backup",
    "web_app",
    "write_digests",
]
