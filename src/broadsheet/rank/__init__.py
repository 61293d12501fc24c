"""Which papers, in which order, and why: queries, fusion, neighbours, leads. Pure: no I/O, no clock."""
