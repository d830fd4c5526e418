"""Nouns: frozen records that every other room speaks in. Nothing here acts."""
