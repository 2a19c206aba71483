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
      params, addresses an address -> what is asked, and back
      moved             an address of before -> the one of today, or what is left
      languages         the language of an answer
      headers, caching, assets, serving    what protects readers and servers
      help_examples     searches that find something here
    render              texts and offsets into what is shown
      markup            the only maker of markup
      passages, wording, text_fragments    what is shown of a text; what pages put together to say
"""

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

__all__ = ["Exporter", "Site", "create_app"]


def create_app(
    searcher: SearchService,
    site: Site | None = None,
    *,
    link_reports: LinkReports | None = None,
    find_captures: FindCaptures | None = None,
    find_identity: FindIdentity | None = None,
    mementos: Mementos | None = None,
    find_status: FindStatus | None = None,
    list_notices: ListNotices | None = None,
    list_given: ListGiven | None = None,
    outlines: OutlinesFolder | None = None,
    rates: headers.RateTable | None = None,
) -> Flask:
    """Make the application that shows what `searcher` finds.

    `link_reports` is what the page *Liens* reads; without it there is no such page. `find_captures`
    finds what the archive holds of an address, `find_identity` what a name of before leads to,
    `mementos` gives captures back, `find_status` how the site is, `list_notices` what was news of
    links, `list_given` the ids of every text that was ever given one. What was withdrawn none of
    them shows. `outlines` is where those of all texts are kept, `rates` where processes that
    answer together count who asks how much.
    """
    app = Flask(__name__)
    site = site or Site()
    app.extensions["library"] = Library(
        searcher, site, find_identity or (lambda name: None), outlines
    )
    app.extensions["find_captures"] = find_captures or (lambda url: ())
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024  # nothing is ever sent to us
    app.extensions["assets"] = digest_assets(app)
    serve_assets(app)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(TEMPLATE_FILTERS)
    app.jinja_env.globals.update(TEMPLATE_GLOBALS)
    for blueprint in (views.pages, browse, figures, feeds, exports, concordance, interop, api):
        app.register_blueprint(blueprint)
    show_links(app, link_reports)
    give_mementos(app, mementos)
    show_captures(app)
    show_watching(app, find_status, list_notices)
    give_records(app, list_given)
    keep_selection(app)
    keep_language(app)
    views.handle_errors(app)
    headers.trust_hosts(app)
    headers.limit_rate(app, rates)
    caching.add_revalidation(app)
    headers.protect(app)
    place(app, site)
    return app
