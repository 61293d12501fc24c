"""Make the examples of API v1: real answers about the sample edition, by operation.

``python scripts/api_examples.py`` writes src/broadsheet/serve/api/examples.json; a test checks that they
are still what is answered.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings

FILE = Path(__file__).parents[1] / "src" / "broadsheet" / "serve" / "api" / "examples.json"
PAPER = "2603.14473"
ASKED = {
    "about": ("GET", "/"),
    "editions": ("GET", "/editions?limit=2"),
    "edition": ("GET", "/editions/2026-02-27"),
    "trending": ("GET", "/trending?days=1&until=2026-03-17&limit=1"),
    "counters": ("GET", "/counters"),
    "search": ("GET", "/search?q=language+agents&facets=true&limit=1"),
    "similar": ("GET", f"/papers/{PAPER}/similar?by=method&limit=1"),
    "paper": ("GET", f"/papers/{PAPER}"),
    "author": ("GET", "/authors/hao-zheng?limit=1"),
    "save": ("PUT", f"/saved/{PAPER}"),
    "saved": ("GET", "/saved"),
    "unsave": ("DELETE", f"/saved/{PAPER}"),
    "vote": ("PUT", f"/votes/{PAPER}"),
    "discussion": ("GET", f"/papers/{PAPER}/discussion"),
    "unvote": ("DELETE", f"/votes/{PAPER}"),
    "change_marks": ("PATCH", f"/marks/{PAPER}"),
    "marks": ("GET", f"/marks/{PAPER}"),
    "links": ("GET", f"/papers/{PAPER}/links"),
    "labels": ("GET", "/labels"),
    "holdings_of": ("GET", "/desk?pile=read"),
    "find_authors": ("GET", "/authors?name=Hao+Zheng"),
    "search_topics": ("GET", f"/search/topics?q=id:{PAPER}"),
    "curation": ("GET", "/editions/2026-03-17/curation"),
    "topics": ("GET", "/editions/2026-02-27/topics"),
    "expected": ("GET", "/editions/2026-03-17/expected?limit=1"),
    "moderation": ("GET", "/moderation"),
    "changes": ("GET", "/changes?since=324&limit=1"),
}
# What is sent with it.
SENT = {"change_marks": {"read": True, "tags": ["thesis"]}}


def main() -> None:
    """Ask a fresh archive of the sample edition, and write down what it says."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), encoder="none", api_rate=0)
        with wiring.open_archive(settings) as archive:
            wiring.take_sample(archive)
            client = TestClient(wiring.web_app(archive), base_url="http://localhost")
            examples = {}
            for name, (method, path) in ASKED.items():
                answer = client.request(method, f"/api/v1{path}", json=SENT.get(name))
                assert answer.status_code == 200, (name, answer.text)
                examples[name] = {"method": method, "path": path, "answer": answer.json()}
                if name in SENT:
                    examples[name]["body"] = SENT[name]
    FILE.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
