"""Pages of what people do together: votes, discussion, submissions, curation, moderation."""
