"""Here is a URL; give me what the server says, and what it is worth.

    visits          the run: many hosts at once, each in its turn        -> Arrival
    fetcher, hops   a URL and what it leads to, as it was on the wire    -> Exchange
    judge, walls    an exchange                                          -> Verdict
    network         a network that is down, told from links that are
    schedule        a visit                                              -> when to go back
    looks           one target, and a second look where it is needed
    frontier        whose turn it is
    manners, gates, robots    what may be asked, and when
    lookup, memento a URL in web archives, nearest to a date             -> Arrival
    redirects       where a response sends its reader
    sites           what the settings want for a URL: delay, headers, permission
    honesty         whether what a host says by HEAD is true
    connection, responses, sockets, addresses, faults    guarded connections, and what they raise

A run, as the pipeline carries it:

    gates = Gates()
    shelf = RobotsShelf(find=catalogue.hosts.find_robots, keep=keeper.keep_robots)
    manners = Manners(fetcher, token="renvois", delay_s=1.0, gates=gates, shelf=shelf)
    catalogue.targets.cite(reference.url for reference in references if reference.url)
    queues = catalogue.targets.due_hosts(now)
    for arrival in visit_all(queues, fetcher=fetcher, manners=manners, policy=Policy()):
        yield keeper.keep(arrival)

It keeps nothing: that is the archive's business. It never looks inside a page beyond its title.
"""

from indexer.crawl.address_guard import OpenNetworks, parse_open_networks
from indexer.crawl.fetcher import Fetcher, Limits
from indexer.crawl.judge import judge
from indexer.crawl.memento import WebArchive, parse_archive
from indexer.crawl.memento_lookup import MementoRequest, fetch_mementos
from indexer.crawl.politeness import Politeness, RobotsCache
from indexer.crawl.rate_limiter import RateLimiter
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
    "visit_all",
]
