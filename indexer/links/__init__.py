"""Here is what was observed of a URL over time; say how the link is, and why.

Three things are never mixed: an `Observation` (what one visit said), a verdict (a function of
the observations and the clock), a decision (a person's, dated, which wins). In reading order:

    page        markup -> the few facts that give a page away
    walls       captchas, consent, logins, parked domains: rules with an example each
    rule, domain_rules, gate_rules    their tables
    soft404     a page that says "not found" and answers 200
    drift       the text now against the text captured first
    answers     what statuses, causes, walls and doubts are worth: tables
    finding     one Observation -> what it is worth
    course      strikes, deaths and resurrections along a history
    health      all of them -> a LinkHealth
    reasons     why, in the sentences that a librarian reads
    wording     French dates, counts and typography

Nothing here visits anything; a dead link raises nothing.
"""

from indexer.links.health import judge_link

__all__ = ["judge_link"]
