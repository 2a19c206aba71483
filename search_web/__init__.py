"""Show ranked results, cited texts and notes to a reader; know nothing of how they are found.

`create_app` is given what it needs; only `wsgi` opens things. In reading order:

    views                       an address -> a page
    params                      an address -> what is asked, and back
    moved                       an address of before -> the one of today, or what is left
    faces, library              what the pages are handed, and what they keep at hand
    passages                    what is shown of a text
    concordance                 every occurrence, to print or as CSV
    link_views, link_table      how every cited link is
    mementos, captures          captures given back (Memento), and when there are some
    browse                      every author, site, year, section, keyword, bibliography
    selection                   texts that a reader chose, kept in the address
    figures                     the years, and what cites what, drawn
    facets, ladder, lessons     other ways to ask
    languages, wording          the language of an answer; what the pages put together to say
    highlight                   texts and offsets -> markup; the only maker of markup
    filters, addresses          what templates may call
    watching                    how the site is; what was news of links
    feeds, exports, interop     Atom; BibTeX, RIS…; OpenSearch, unAPI, robots
    oai                         references for harvesters of libraries (OAI-PMH)
    fragments, embedded_metadata    references and passages in other programs' conventions
    api, openapi                JSON for programs
    headers, caching, styles    what protects readers and servers
    wsgi, serving               open what the settings name; serve it
"""

from flask import Flask

from indexer.outline_file import OutlinesFolder
from search_web import caching, headers, views
from search_web.addresses import digest_assets, place
from search_web.api import api
from search_web.browse import browse
from search_web.captures import show_captures
from search_web.concordance import concordance
from search_web.exports import exports
from search_web.faces import Exporter, FindCaptures, FindIdentity, SearchService, Site
from search_web.feeds import feeds
from search_web.figures import figures
from search_web.filters import TEMPLATE_FILTERS, TEMPLATE_GLOBALS
from search_web.interop import interop
from search_web.languages import keep_language
from search_web.library import Library
from search_web.link_views import LinkReports, show_links
from search_web.mementos import Mementos, give_mementos
from search_web.oai import ListGiven, give_records
from search_web.selection import keep_selection
from search_web.styles import serve_assets
from search_web.watching import FindStatus, ListNotices, show_watching

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
