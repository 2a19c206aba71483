"""A zoo of servers on loopback, each with the state that a careful person would give its link.

    pages       texts written for these tests, and pages around them
    replies     what a server can do with a request
    alive, moved, blocked, sick, dead      the animals
    keeper      opens them: a loopback address each, one port for all

Every animal lives at an address of 127.7.0.0/16, so that each is a host of its own without any
name to resolve, for us as for any other checker. What it does may depend on the round: rounds
are visits on different days, and the last one is the day on which the verdict is asked.
"""

from testbed.zoo.alive import ALIVE
from testbed.zoo.blocked import BLOCKED
from testbed.zoo.cases import Case
from testbed.zoo.dead import DEAD
from testbed.zoo.moved import MOVED
from testbed.zoo.sick import SICK

ZOO: tuple[Case, ...] = (*ALIVE, *MOVED, *BLOCKED, *SICK, *DEAD)

__all__ = ["ZOO", "Case"]
