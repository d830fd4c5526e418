"""Makes the calendars that ship in `stopline/runtime/calendars/days` (`make calendars`).

    python -m tools.calendars              write the tables and the page of differences
    python -m tools.calendars --check      say whether they are what the sources and decisions give
    python -m tools.calendars --lean FILE  compare with LEAN's market-hours file too

The libraries it reads pull pandas, so they have a lock and an environment of their own
(`requirements/calendars.txt`), and nothing of Stopline imports them. The usual hours of a
market are ours (`markets.py`); what a day deviates by is read from the first source; the
other sources only object, and `decisions.py` says who is right.
"""
