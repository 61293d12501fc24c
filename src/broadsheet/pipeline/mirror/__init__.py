"""Editions as plain files, for any web server or object store; ``docs/operate/mirror.md``."""

from broadsheet.pipeline.mirror.plain import SITE
from broadsheet.pipeline.mirror.publish import Published, publish

__all__ = ["SITE", "Published", "publish"]
