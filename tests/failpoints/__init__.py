"""Named points of a running Stopline at which it can be killed, and the campaign that kills it at each of them.

`python -m tests.failpoints --list` names them; production code knows nothing of them.
"""
