"""The honest test of our own checkers: known mistakes, and whether a fixed budget of general checks finds each.

`tests/mutations` plants a bug against the tests that were written for it. Here the tests of
single files are left out: what may find a bug are stories, incidents, properties, contract
suites and seeds of the simulator, each with a budget, as they would have to find a bug that
nobody thought of (issue 9; reliability.md G14).
"""
