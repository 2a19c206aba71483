"""Texts written for these tests, and the pages around them. None is a cited article."""

from html import escape
from typing import Final

from testbed.zoo.replies import Http

FR_TITLE: Final = "Les tiers-lieux, ateliers de la ville ordinaire"
EN_TITLE: Final = "Repair workshops and the patience of towns"

FR: Final = (
    "Cette page d’essai a été écrite pour les tests d’un moteur de recherche ; elle ne cite "
    "personne.",
    "Dans le bourg de Lignac, l’ancienne gare abrite depuis trois ans un atelier partagé. On "
    "y vient réparer un vélo, imprimer une affiche ou simplement demander l’heure du prochain"
    " car. Personne n’y tient de guichet : celui qui sait montre à celui qui ne sait pas, et "
    "le cahier posé près de l’établi garde la trace de ce qui a été fait.",
    "La commune prête les murs et paie l’électricité ; le reste tient à une trentaine "
    "d’habitants qui se relaient. Les débuts furent modestes, avec deux perceuses, une "
    "machine à coudre et beaucoup de patience. Puis le collège voisin a demandé à venir, et "
    "l’atelier a dû apprendre à tenir des horaires, ce qui n’allait pas de soi.",
    "Ce qui frappe le visiteur, c’est moins l’outillage que la conversation. On parle du prix"
    " du bois, de la haie qu’il faudrait replanter, du logement vide au-dessus de la "
    "boulangerie. Les projets naissent là, entre deux réparations, sans ordre du jour. "
    "Plusieurs ont abouti : une épicerie coopérative, un verger, une navette le samedi.",
    "Tout n’est pas simple. Le chauffage coûte cher, les bénévoles s’épuisent, et l’assurance"
    " refuse de couvrir la scie à ruban. Mais personne, à Lignac, n’imagine plus la gare "
    "fermée. L’an prochain, l’atelier espère embaucher quelqu’un à mi-temps, pour que le lieu"
    " reste ouvert même quand les autres moissonnent.",
)
FR_OTHER: Final = (
    "Cette page d’essai parle de tout autre chose, elle aussi écrite pour les tests.",
    "Misez gros et retirez vos gains sans attendre : notre salon en ligne propose chaque jour"
    " des parties gratuites, des roulettes en direct et des primes de bienvenue pour les "
    "nouveaux joueurs. Inscrivez-vous en deux minutes, choisissez votre table et laissez la "
    "chance décider du reste de votre soirée.",
    "Nos conseillers répondent à toute heure. Les dépôts par carte sont crédités "
    "immédiatement, les retraits sous vingt-quatre heures, et chaque pari rapporte des points"
    " à échanger contre des tours supplémentaires sur les machines les plus récentes du "
    "catalogue, renouvelé toutes les semaines.",
)
EN: Final = (
    "This test page was written for the tests of a search engine; it quotes nobody.",
    "On the second Saturday of each month the parish hall at Dunmore smells of solder and "
    "toast. People queue with kettles, radios and a lamp shaped like a heron, and wait for "
    "somebody with a screwdriver to look up. Nobody pays. A jar stands by the door, and a "
    "ledger beside the jar.",
    "The ledger is the interesting part. Every object is written down with its age, its fault"
    " and its fate, and after four years the volunteers can say which makers build things "
    "that can be opened. The council now reads that list before it buys anything for the "
    "schools, which no petition had ever managed to obtain.",
    "Towns learn slowly, and mostly from what is in front of them. A repaired kettle proves "
    "little; nine hundred repaired kettles, counted by people who know each other, prove that"
    " waste was never inevitable. The hall has asked for a second room and will probably get "
    "it.",
)
EN_OTHER: Final = (
    "This test page speaks of something else altogether, and was written for the tests too.",
    "Compare the best mattresses of the season with our independent scores. Every model was "
    "slept on for thirty nights by a panel of side sleepers, back sleepers and dogs, then "
    "ranked by firmness, price and the ease with which it could be returned to the warehouse.",
    "Order before midnight and the courier will carry the old one away. Financing is "
    "available over twelve months, and a voucher for two pillows is added to every basket "
    "that contains a base.",
)


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts)


def page(
    title: str,
    body: str,
    *,
    lang: str = "fr",
    site: str = "Gazette de Lignac",
    head: str = "",
    window_title: str | None = None,
) -> str:
    """A page with the usual furniture around its body."""
    shown = f"{title} – {site}" if window_title is None else window_title
    menu = "Accueil Rubriques Contact" if lang == "fr" else "Home Topics About"
    links = "".join(f'<li><a href="/{word.lower()}">{word}</a></li>' for word in menu.split())
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>{escape(shown)}</title>{head}</head><body><header><p>{site}</p></header>"
        f"<nav><ul>{links}</ul></nav><main>{body}</main>"
        f"<footer><p>{site}</p></footer></body></html>"
    )


def article(
    texts: tuple[str, ...] = FR,
    title: str = FR_TITLE,
    *,
    lang: str = "fr",
    head: str = "",
    after: str = "",
    site: str = "Gazette de Lignac",
) -> str:
    """An article with its title as heading."""
    body = f"<article><h1>{escape(title)}</h1>\n{paragraphs(texts)}</article>{after}"
    return page(title, body, lang=lang, head=head, site=site)


def notice(title: str, *lines: str, lang: str = "fr", site: str = "Gazette de Lignac") -> str:
    """A page that says one thing: an error, a wall, a sign on the door."""
    body = f"<h1>{escape(title)}</h1>" + "".join(f"<p>{line}</p>" for line in lines)
    return page(title, body, lang=lang, site=site)


def html(markup: str, status: int = 200, **more: object) -> Http:
    return Http(status=status, body=markup.encode(), **more)  # type: ignore[arg-type]


FR_ARTICLE: Final = html(article())
EN_ARTICLE: Final = html(article(EN, EN_TITLE, lang="en", site="The Dunmore Echo"))
FR_MISSING: Final = html(
    notice("Page introuvable", "La page demandée n’existe pas ou plus.", "Retour à l’accueil."),
    status=404,
)
EN_MISSING: Final = html(
    notice("Page not found", "The page you requested does not exist.", lang="en", site="The Echo"),
    status=404,
)
FR_HOME: Final = html(
    page(
        "Gazette de Lignac",
        "<h1>Gazette de Lignac</h1>"
        + "".join(
            f'<article><h2><a href="/{n}">{title}</a></h2><p>{teaser}</p></article>'
            for n, (title, teaser) in enumerate(
                (
                    ("Le marché change de place", "Dès samedi, les étals quittent la halle."),
                    ("La piscine rouvrira en juin", "Les travaux du bassin touchent à leur fin."),
                    ("Un concert à la chapelle", "Le chœur de la vallée chante dimanche soir."),
                    ("La bibliothèque cherche des bras", "On recouvre les livres le jeudi."),
                    ("Neige attendue sur le plateau", "Les cars scolaires ne rouleront pas."),
                    ("Le pont sera repeint", "La circulation se fera par la rive gauche."),
                )
            )
        ),
        window_title="Gazette de Lignac, le journal de la vallée",
    )
)
EN_HOME: Final = html(
    page(
        "The Dunmore Echo",
        "<h1>The Dunmore Echo</h1>"
        + "".join(
            f'<article><h2><a href="/{n}">{title}</a></h2><p>{teaser}</p></article>'
            for n, (title, teaser) in enumerate(
                (
                    ("Market moves to the quay", "From Saturday the stalls leave the square."),
                    ("Pool to open in June", "The basin is nearly finished, says the council."),
                    ("Choir sings on Sunday", "Doors open at six, bring a coat."),
                    ("Library wants helpers", "Books are covered on Thursdays."),
                    ("Snow on the moor", "School buses will not run tomorrow."),
                )
            )
        ),
        lang="en",
        window_title="The Dunmore Echo, news of the valley",
    )
)
