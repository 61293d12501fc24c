"""Words and vectors of all papers: derived from the store, published in generations."""
