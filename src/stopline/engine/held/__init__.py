"""Orders that Stopline holds: what they wait for, when they go, and how they make room for one another.

An order is held because the broker cannot take what was asked for (a type, a class, a
condition), or because others of the account are in its way. Of a family (a parent's legs,
an OCO, an `oca_group`) at most one order is at the broker at any time.

Source     semantics.md sections 2 (legs), 3 (an exit always exists) and 8; reliability.md I03, I09.
"""
