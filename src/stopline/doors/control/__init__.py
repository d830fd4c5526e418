"""The control door: stop trading, or see how it stands, when HTTP does not answer. It speaks four words.

It has a socket of its own, for the owner of the data directory only, and asks the same
desk as every door: what it does is decided by `step`, gated and journaled like all else.

    request    {"word": "kill", "account": "paper", "reason": "bot runs wild"}   one line of JSON
    answer     {"status": 200, "body": {...}}                                    as HTTP would have said it

Source     ux.md (kill works when the web server is down); reliability.md S12 and F42.
"""
