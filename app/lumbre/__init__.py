"""Lumbre: a local-first desktop assistant that answers from a person's own documents."""

__version__ = "0.1.0"
