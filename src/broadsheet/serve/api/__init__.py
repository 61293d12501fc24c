"""API v1: what the pages do, for programs. Described by its own OpenAPI document, mounted by ``routes``."""

from broadsheet.serve.api.application import PREFIX, create_api

__all__ = ["PREFIX", "create_api"]
