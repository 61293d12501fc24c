"""The index on Milvus, for archives that outgrow one machine; ``docs/operate/distributed.md``."""

from broadsheet.index.milvus.distributed import MilvusIndex

__all__ = ["MilvusIndex"]
