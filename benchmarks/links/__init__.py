"""How right we are about links, beside LinkChecker, on the zoo of `testbed/zoo`.

    python -m benchmarks.links [--json]           both checkers on the same servers, in one run
    python -m benchmarks.links --speed [--json]   5,000 URLs on 200 loopback hosts

A verdict is wrong one way or the other: `false_dead` counts links called dead that are not,
`false_alive` dead links called alive, `undecided` those of which neither is said. LinkChecker
visits once and says valid or error: an error is what its reader takes for a dead link. We visit
on four days, four days apart by a clock turned by hand, and may answer bloqué or malade.
"""
