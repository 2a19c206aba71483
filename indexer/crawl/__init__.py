"""Visit URLs: fetch what a server says, judge what it is worth.

    visits, thread_pool    the run: many hosts at once, one request at a time to each -> Arrival
    fetcher, hops   a URL and what it leads to, as it was on the wire    -> Exchange
    judge           an exchange                                          -> Verdict
    network         a network that is down, told from links that are
    schedule        a visit                                              -> when to go back
    visit_steps     one target: HEAD, GET, a second try where it is needed
    frontier        which host and which URL next
    politeness, robots    what may be asked, and when
    memento         a URL in web archives, nearest to a date             -> Arrival
    redirects       where a response sends its reader
    site_policies   what the settings want for a URL: delay, headers, permission
    head_trust      whether what a host says by HEAD is true
    connection, sockets, address_guard    guarded connections, heads as received
    error_causes    what they raise                                      -> Cause

A run, as the pipeline carries it:

    cache = RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots)
    politeness = Politeness(
        fetcher, token="renvois", delay_s=1.0, rate_limiter=RateLimiter(), robots_cache=cache
    )
    catalogue.targets.cite(reference.url for reference in references if reference.url)
    queues = catalogue.targets.due_hosts(now)
    for arrival in visit_all(queues, fetcher=fetcher, politeness=politeness, policy=RunPolicy()):
        yield keeper.keep(arrival)

It keeps nothing: that is the archive's business. It never looks inside a page beyond its title.
"""

from indexer.crawl.address_guard import OpenNetworks, parse_open_networks
from indexer.crawl.fetcher import Fetcher, Limits, read_now
from indexer.crawl.judge import judge
from indexer.crawl.memento import MementoRequest, WebArchive, fetch_mementos, parse_archive
from indexer.crawl.politeness import Politeness, RateLimiter, RobotsCache
from indexer.crawl.robots import product_token
from indexer.crawl.schedule import next_due
from indexer.crawl.site_policies import SitePolicies, SitePolicy
from indexer.crawl.visits import RunPolicy, visit_all

__all__ = [
    "Fetcher",
    "Limits",
    "MementoRequest",
    "OpenNetworks",
    "Politeness",
    "RateLimiter",
    "RobotsCache",
    "RunPolicy",
    "SitePolicies",
    "SitePolicy",
    "WebArchive",
    "fetch_mementos",
    "judge",
    "next_due",
    "parse_archive",
    "parse_open_networks",
    "product_token",
    "read_now",
    "visit_all",
]
