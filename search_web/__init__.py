"""Show ranked results, cited texts and notes to a reader; know nothing of how they are found.

`create_app` is given what it needs; only `wsgi` opens things. From the top down:

    wsgi                open what the settings name; `__main__` serves it
    pages               an address -> a page for a reader
      views             results, texts, notes, help; facets and query_relaxation beside them
      browse, figures   every author, site, year, section; the years and the citations, drawn
      selection         texts that a reader chose, kept in the address
      concordance       every occurrence, to print or as CSV
      links, captures   how every cited link is; what was captured, and what changed
      health            how the site is; what was news of links
      template_filters  what templates may call
    api                 JSON for programs, and its description (OpenAPI)
    interop             the conventions of other programs
      feeds, exports    Atom and RSS; BibTeX, RIS…
      oai, mementos     OAI-PMH for libraries; captures given back (Memento)
      discovery         OpenSearch, unAPI, robots, sitemap
      embedded_metadata references in the head of a page
    site                what every page stands on
      protocols, state  what the pages are handed, and what they keep at hand
      params, addresses an address -> what is asked, and back; those of before
      languages         the language of an answer
      headers, caching, assets, serving    what protects readers and servers
      help_examples     searches that find something here
    render              texts and offsets into what is shown
      markup            the only maker of markup
      passages          what is shown of a text, and what points into a page
      wording           what pages put together to say
"""

from dataclasses import dataclass

from flask import Flask

from indexer.outline_file import OutlinesFolder
from search_web.api.endpoints import api
from search_web.interop.discovery import interop
from search_web.interop.exports import exports
from search_web.interop.feeds import feeds
from search_web.interop.mementos import Mementos, give_mementos
from search_web.interop.oai import ListGiven, give_records
from search_web.pages import views
from search_web.pages.browse import browse
from search_web.pages.captures import show_captures
from search_web.pages.concordance import concordance
from search_web.pages.figures import figures
from search_web.pages.health import FindStatus, ListNotices, show_watching
from search_web.pages.links import LinkReports, show_links
from search_web.pages.selection import keep_selection
from search_web.pages.template_filters import TEMPLATE_FILTERS, TEMPLATE_GLOBALS
from search_web.site import caching, headers
from search_web.site.addresses import place
from search_web.site.assets import digest_assets, serve_assets
from search_web.site.languages import keep_language
from search_web.site.protocols import Exporter, FindCaptures, FindIdentity, SearchService, Site
from search_web.site.state import Library

__all__ = ["Exporter", "Site", "Sources", "create_app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The sources of an application beside its search; none of them shows what was withdrawn.

    Without `link_reports` there is no page *Liens*, without `mementos` no capture is given back,
    without `find_status` there is no `/sante`, without `list_given` OAI-PMH tells no deletions.
    """

    link_reports: LinkReports | None = None  # how every cited link is
    find_captures: FindCaptures = lambda url: ()  # what the archive holds of an address
    find_identity: FindIdentity = lambda name: None  # what a name of before leads to
    mementos: Mementos | None = None  # captures, given back
    find_status: FindStatus | None = None  # how the site is
    list_notices: ListNotices = tuple  # what was news of links
    list_given: ListGiven | None = None  # the ids of every text that was ever given one
    outlines: OutlinesFolder | None = None  # where those of all texts are kept
    rates: headers.RateTable | None = None  # where several processes count who asks how much


def create_app(
    searcher: SearchService, site: Site | None = None, sources: Sources | None = None
) -> Flask:
    """Make the application that shows what `searcher` finds, on a site, from its sources."""
    app = Flask(__name__)
    site, sources = site or Site(), sources or Sources()
    app.extensions["library"] = Library(searcher, site, sources.find_identity, sources.outlines)
    app.extensions["find_captures"] = sources.find_captures
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024  # nothing is ever sent to us
    app.extensions["assets"] = digest_assets(app)
    serve_assets(app)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(TEMPLATE_FILTERS)
    app.jinja_env.globals.update(TEMPLATE_GLOBALS)
    for blueprint in (views.pages, browse, figures, feeds, exports, concordance, interop, api):
        app.register_blueprint(blueprint)
    show_links(app, sources.link_reports)
    give_mementos(app, sources.mementos)
    show_captures(app)
    show_watching(app, sources.find_status, sources.list_notices)
    give_records(app, sources.list_given)
    keep_selection(app)
    keep_language(app)
    views.handle_errors(app)
    headers.trust_hosts(app)
    headers.limit_rate(app, sources.rates)
    caching.add_revalidation(app)
    headers.protect(app)
    place(app, site)
    return app
