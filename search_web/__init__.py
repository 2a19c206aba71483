"""Show ranked results, cited texts and notes to a reader; know nothing of how they are found.

`create_app` is given what it needs; only `wsgi` opens things. In reading order:

    views                       an address -> a page
    params                      an address -> what is asked, and back
    faces, library              what the pages are handed, and what they keep at hand
    shelf                       documents -> the bibliography in its order
    wording, typography         French sentences, set as a printer does
    highlight                   texts and offsets -> markup; the only maker of markup
    headers                     what each answer says of itself to the browser
"""

from flask import Flask

from search_web import headers, views
from search_web.faces import Searcher, Site
from search_web.filters import TEMPLATE_FILTERS, TEMPLATE_GLOBALS
from search_web.library import Library
from search_web.typography import FrenchTemplates

__all__ = ["Site", "create_app"]


def create_app(searcher: Searcher, site: Site | None = None) -> Flask:
    """Make the application that shows what `searcher` finds."""
    app = Flask(__name__)
    app.extensions["library"] = Library(searcher, site or Site())
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024  # nothing is ever sent to us
    app.jinja_env.add_extension(FrenchTemplates)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(TEMPLATE_FILTERS)
    app.jinja_env.globals.update(TEMPLATE_GLOBALS)
    app.register_blueprint(views.pages)
    views.handle_errors(app)
    headers.protect(app)
    return app
