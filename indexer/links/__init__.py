"""Here is what was observed of a URL over time; say how the link is, and why.

Three things are never mixed: an `Observation` (what one visit said), a verdict (a function of
the observations and the clock), a decision (a person's, dated, which wins). In reading order:

    page, soft404, drift            what a page gives away of itself
    observe                         one visit -> an Observation, and its basis
    finding                         an Observation -> what it is worth
    health                          all of them and the clock -> a LinkHealth, why; the next look
    decisions                       what a person says
    replacement                     which captures show the text; what stands in for a dead link
    report                          rows -> counts, what to do, what happened when
        kept_report                         a report as a table in a file, read by windows
        report_forms                        the forms that a report takes
    editors, repair                 a bibliography's own file -> the same with archived addresses
    history                         the only shell: observations in SQLite

Nothing here visits anything; a dead link raises nothing.
"""

from indexer.links.health import judge_link

__all__ = ["judge_link"]
