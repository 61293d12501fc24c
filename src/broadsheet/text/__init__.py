"""Text that is right: from a source's TeX to what readers see and what we know of it. Pure; no I/O.

``plain`` and ``render`` turn source text into Unicode and HTML; ``derive`` reads a record;
``keyphrases`` names what a text is about.
"""
