"""Commands that measure: eval retrieval, eval aspects."""

from __future__ import annotations
