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

from indexer.crawl.addresses import Opening, parse_opening
from indexer.crawl.fetcher import Fetcher, Limits
from indexer.crawl.gates import Gates
from indexer.crawl.judge import judge
from indexer.crawl.lookup import Sought, look_up
from indexer.crawl.manners import Manners, RobotsShelf
from indexer.crawl.memento import WebArchive, parse_archive
from indexer.crawl.robots import product_token
from indexer.crawl.schedule import next_due
from indexer.crawl.sites import Site, SiteTable
from indexer.crawl.visits import Policy, visit_all

__all__ = [
    "Fetcher",
    "Gates",
    "Limits",
    "Manners",
    "Opening",
    "Policy",
    "RobotsShelf",
    "Site",
    "SiteTable",
    "Sought",
    "WebArchive",
    "judge",
    "look_up",
    "next_due",
    "parse_archive",
    "parse_opening",
    "product_token",
    "visit_all",
]
