"""Broadsheet: the daily paper of research, on your own machine."""

__version__ = "0.1.0"
