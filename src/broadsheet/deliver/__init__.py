"""Deliver: a reader's digest chosen, composed, signed, and handed to a mail server. Knows no page."""
