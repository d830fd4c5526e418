"""The ladder of `stopline kill` and `stopline flatten`: from the server down to this very process.

    http        the server answers: it does it
    control     it does not, but its process does, through the socket in the data directory
    headless    nothing runs: Stopline is started in this process, without doors, and does it
    force       a process has the data directory and answers nobody: with --force it is ended, then headless

Each rung goes through the same desk, gate and journal. Where one fails the next is tried.

Source     ux.md (kill works when the web server is down); reliability.md F42.
"""
