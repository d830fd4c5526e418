"""One seed: the production system under virtual time, in a world that fails.

    timeline   what happens next, and the instant; every callback of everybody is on it
    loop       an asyncio event loop over the timeline: no thread, no socket, no sleep
    disk       what is written, what is synced, and what a power cut leaves
    sides      which broker there is: the simulation's own, the paper broker, or Alpaca behind its adapter
    house      the simulation's own broker: its own book (`shelves`), its own truth
    wire       the network to it: late, lost, twice, out of order
    adapter    the broker's port, in the process, over the wire
    system     `bootstrap.System` on all of these
    traders    people and bots
    trouble    when which fault begins, and when it ends
    watch      the invariants, after every event; `authority` those of who may do what
    reachable  what there is to reach, and what was not; `crossings` those of orders in doubt
    lives      the processes, one after the other
    world      all of it, from one seed

A process dies by its loop: what was on it never runs, and whatever it still holds is dead.
Production code knows nothing of this; it is given another disk, machine and broker.
"""
