"""Encoders: text to unit vectors, each behind ``index.contract.Encoder``. Importing this loads no model."""

from broadsheet.index.encode.hub import HubEncoder
from broadsheet.index.encode.minilm import MiniLM
from broadsheet.index.encode.static import StaticEncoder

__all__ = ["HubEncoder", "MiniLM", "StaticEncoder"]
