"""Pages of accounts: the way in, one's own account, administration."""
