"""Render the pages of docs/ that are made from code.

    python -m tools.docs            write them
    python -m tools.docs --check    say which are out of date; exit 1 if any

A page is never edited by hand: its words are the docstrings, tables and defaults of the code.
"""
