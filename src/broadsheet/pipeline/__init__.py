"""The steps that move papers: intake, harvest, fold, reindex. Names no backend; settings come as values."""
