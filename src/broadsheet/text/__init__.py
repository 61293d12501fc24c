"""Text that is right: from a source's TeX to what readers see and what we know of it. Pure; no I/O.

``markup.parse`` reads TeX; ``derive.derive`` reads a record; ``keyphrases.extract`` names what a text is
about; ``sketch.sketch`` finds near-duplicates. Each module below them does one thing: ``sentences``,
``aspects``, ``gist``, ``acronyms``, ``links``, ``kinds``.
"""
