"""Find who wrote a page: its bylines, and the persons that a byline names.

Roles, newsrooms, institutions and agencies are no persons; a byline that names none of them tells
nothing. What is read of the page's text must look like a name: several words in capitals.
"""

import html
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

from lxml.etree import XPath

from indexer.extract.blocks import PageBlock, tidy_line, walk_blocks
from indexer.extract.dates import find_day, is_bare_date

MAX_AUTHORS: Final = 20
MAX_NAME: Final = 60
MAX_WORDS: Final = 6
BYLINE_CHARS: Final = 220  # of an element that names authors
ROW_CHARS: Final = 260  # of what holds several of them
LONG_CHARS: Final = 120  # of a paragraph of the text
SIGNATURE_BLOCKS: Final = 3  # below it
AT_RIGHT: Final = re.compile(r"text-align:\s*right", re.I)
MAX_LABELLED: Final = 120
OPENING_BLOCKS: Final = 14  # below the title, where a line of text may name the author
ADDRESS: Final = re.compile(r"https?://\S+|\S+@\S+|(?:^|\s)@\w+", re.I)
OUR_OWN: Final = (
    r"^\W*(?:une? \w+ )?(?:de notre|from our)\s+(?:envoyée? spéciale?|correspond[ae]nte?)\b"
    r"(?:[^,:]{0,40}[,:]\s*|\s+(?=(?-i:[^\W\d_a-zà-ÿ])))"
)
LEAD: Final = re.compile(
    OUR_OWN
    + r"|^\W*(?:(?:(?:article|texte|billet|note|contribution|tribune|entretien|interview|reportage|"
    r"enquête|propos|un dossier|dossier|chronique)\s+)?(?:publiée?s?|écrite?s?|postée?s?|"
    r"proposée?s?|rédigée?s?|recueillie?s?|réalisée?s?|signée?s?|soumise?s?|envoyée?s?|menée?s?|"
    r"conduite?s?|coordonnée?s?|mise? en ligne|submitted|posted|written|"
    r"published|reported|entretien|interview|reportage|texte|propos|article|billet)\s+"
    r"(?:et\s+\w+\s+)?(?:par|by)|(?:une?\s+)?(?:article|texte|billet|entretien|reportage)\s+de|"
    r"par|by|von|por|di|auteure?s?(?:\(s\))?|authors?|textes?|rédaction)\s*:?\s+|"
    r"^\W*(?:auteure?s?(?:\(s\))?|authors?|par|by|textes?|rédaction|interview|entretien)\s*:\s*|"
    r"^(?-i:By|Par|Von|Por)(?=(?-i:[A-ZÀ-Þ]))",
    re.I,
)
BEHIND: Final = re.compile(r"\b(?:[Pp]ar|[Bb]y)\s*:?\s+(?=[^\W\d_a-zà-ÿ])")
OTHERS: Final = re.compile(
    r"\b(?:traduite?|traduction|translated|photos?|photograph\w+|illustr\w+|dessins?|images?|"
    r"vidéos?|crédits?|credits?|éditée? par|edited by|avec la collaboration)\b.*$",
    re.I | re.S,
)
HONORIFIC: Final = re.compile(
    r"^(?:(?:MM?|Mmes?|Mlles?|Mrs?|Ms)\.?\s+(?:l[ea]\s+)?)?(?:(?:Dre?|Pre?|Me|Prof|[Dd]octeure?|"
    r"[Pp]rofesseure?|[Mm]aître|[Pp]ère|[Ss]œur|[Aa]bbé)\.?\s+)?(?=[^\W\d_a-zà-ÿ])"
)
# "Notice : Ada Un", in an element that is named after authors.
LABELLED: Final = re.compile(
    r"^\W*[^\W\d]\w{2,20}(?:\s(?-i:[a-zà-ÿ])\w+)?\s?:\s+(?=(?-i:[^\W\d_a-zà-ÿ]))", re.I
)
# "Ada Un — 12 mars 2010", "12 mars 2010 | Ada Un": a name is one part of a line, a day another.
PARTS: Final = re.compile(r"\s*[|•·]\s*|\s[—–/-]{1,2}\s|\s*—\s*")
# What follows the name that signs a text: "Ada Un, avril 2001".
SIGNED_DAY: Final = re.compile(r"^([^,;:.!?]{4,50}),\s+(?:[^\W\d]\w+,\s+)?(?=\S)")
# How a page asks to be cited, up to its title: "Ada Un et Bo Deux, « Titre », Revue, 12, 2003."
CITED_LEAD: Final = re.compile(
    r"^[^:]{0,60}\b(?:citer|référence|citation|cite)\b[^:]{0,40}:\s*", re.I
)
CITED_YEAR: Final = re.compile(r"[\s,.]*\(?\b(?:19|20)\d\d[a-z]?\)?[\s,.]*$")
QUOTE: Final = re.compile('[«“"]')
CITED_CHARS: Final = (220, 600)  # up to the title; of the whole
SHORTENED: Final = re.compile(r"(?<!\w)[^\W\d_]{1,2}\.")
STREET: Final = re.compile(
    r"\b(?:rue|avenue|av\.|boulevard|bd|place|quai|impasse|chemin|cedex|street|road|tél)\b|\b\d{5}\b",
    re.I,
)
# The call of a footnote behind a name: "Ada Un1, Bo Deux2".
CALL: Final = re.compile(r"(?<=[^\W\d_])(?:\d|[*†‡])(?:[,;]\s?\d)*(?=\s*(?:[,;&]|et\b|and\b|$))")
INITIAL: Final = re.compile(r"\s[^\W\d_]\.$")
WEEKDAY: Final = (
    r"(?:(?:lun|mar|mer(?:cre)?|jeu|ven(?:dre)?|sam(?:e)?|dim)(?:di|anche)?[.,]{0,2}\s+|"
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]{0,2}\s+)?"
)
# "posted by kozmetik @ 22:54", "par Ornithorynque » dim 22 nov. 2015": one word is a name there.
SIGNED_AT: Final = re.compile(
    r"^\W*(?:(?:posted|submitted) by|(?:publiée?|postée?|écrite?|rédigée?|proposée?|soumise?|"
    r"envoyée?) par|"
    r"(?:par|by)(?=\s+(?-i:[^\W\d_a-zà-ÿ])|\s+[\w.-]{3,30}\s+[–—-]\s+publiée?\b)|"
    r"de(?=\s+[\w.-]{2,30}\s*»))"
    r"\s+([^\W\d][\w.-]{2,30})\s*(?:[@»,|]|\s[–—-]\s|(?-i:\b(?:le|on|à|at|dans|in)\b))"
    r"(?=.{0,60}(?:\d|publiée?\b|catégorie|category|rubrique|comment))|"
    r"^\W*(?:auteure?|author)\s*:\s*([^\W\d][\w.-]{2,30})\W*$",
    re.I,
)
AUTHOR_CLASSES: Final = frozenset(
    "author vcard fn auteur author-name entry-author post-author nom-auteur auteur-notice "  # noqa: SIM905
    "username bigusername".split()
)
# A label above the name, or beside it: "Auteur", "Par".
LABEL: Final = re.compile(
    r"^\W*(?:auteure?s?(?:\(e?s\)|·e·?s)?|authors?|autore?n?(?:in)?|textes?|par|by|von|por|"
    r"écrit par|written by|rédigé par|signature)\s*:?\W*$",
    re.I,
)
PROFILE: Final = re.compile(r"^\W*(?:nom(?: du profil)?|pseudo|name)\s*:\s*(\w[^:]{1,40})$", re.I)
PROFILE_NAME: Final = re.compile(r"profil", re.I)
LIFE: Final = re.compile(r",?\s*\(?\b(?:ca?\.\s*)?1\d{3}\s*[-–]\s*(?:\d{4}|\.{2,})?\)?\.?")
BESIDE_NAME: Final = re.compile(r"\s+\([^()]{0,80}\)")  # what a person is, or for whom
# Between a name and what else stands on its line: a role, a date, a place.
HARD: Final = re.compile(
    r"\s*(?:[|•·()\[\]\t\n\r»«\"“”]|\s[-–—]{1,2}\s)\s*|\s*[-–—,]?\s+(?:le|on|am|du|à)\s+"
    rf"{WEEKDAY}(?=\d)|"
    r"\s+(?:pour|for)\s+|\s*,?\s*\b(?:publiée?|posted|published|mise? à jour|updated|modifiée?)\b|"
    r"(?:^|\s*[\s:,])\d+.*$",
    re.I | re.S,
)
SOFT: Final = re.compile(
    r"\s*(?:;|&|\+|/|,?\s+\b(?:et|and|avec|with|und|y)\b(?=\s))\s*|\s*,\s+", re.I
)
PARTICLES: Final = frozenset(
    "de du des d la le les von van vom der den dem ten ter zu zum di da del della dos das do e y "  # noqa: SIM905
    "el al bin ben ibn bint san saint st of af av".split()
)
ARTICLES: Final = frozenset("le la les l the notre nos votre vos".split())  # noqa: SIM905
NOBODY: Final = re.compile(
    r"\b(?:admin\w*|web-?m[ae]st\w+|r[ée]dactions?|redac\w*|r[ée]dac(?:teurs?|trices?)|editors?|"
    r"editorial|staff|anonym\w*|unknown|inconnue?s?|auteure?s?|authors?|users?|root|guest|"
    r"invitée?s?|visiteu\w+|contribut\w+|none|null|undefined|nobody|system|desk|newsroom|journalistes?|"
    r"reporters?|correspond[ae]nte?s?|envoyée?s?|photographes?|professe?u?re?s?|professor|"
    r"sociologues?|philosophes?|économistes?|historiene?s?|chercheu\w+|directeurs?|directrices?|"
    r"pr[ée]sidente?s?|d[ée]put[ée]e?s?|maître(?:sse)? de|conférences|docteure?|"
    r"doctorante?s?|ing[ée]nieure?s?|"
    r"experts?|directors?|consultante?s?|developers?|d[ée]veloppeu\w+|specialists?|"
    r"sp[ée]cialistes?|managers?|officers?|founders?|(?:co-?)?fondat\w+|analystes?|analysts?|"
    r"writers?|responsables?|charg[ée]e?s? de|hotels?|limited|"
    r"agences?|agency|afp|reuters|ap|dpa|belga|ats|presse|press|news|minist[èe]res?|ministry|"
    r"universit\w+|instituts?|institute|laboratoires?|associations?|fondations?|foundation|"
    r"observatoires?|conseils?|council|comit[ée]s?|committee|collectifs?|[ée]quipes?|team|"
    r"services?|direction|d[ée]partements?|department|[ée]coles?|school|centres?|center|mairies?|"
    r"villes?|coll[èe]ges?|facult[ée]s?|lyc[ée]es?|mus[ée]es?|acad[ée]mies?|cnrs|inserm|"
    r"r[ée]gions?|commissions?|f[ée]d[ée]rations?|syndicats?|unions?|groupes?|group|"
    r"soci[ée]t[ée]s?|company|sarl|sas|inc|ltd|llc|gmbh|corp|bureaux?|office|m[ée]dias?|media|"
    r"magazines?|journal|revue|review|blogs?|wiki\w*|sites?|web|tv|radio|redaktion|"
    r"kollektiv|verlag|verein|google|facebook|twitter|wordpress|blogger|copyright|"
    r"communiqu[ée]s?|r[ée]seaux?|network|organisations?|organization|[ée]ditions?|bibliothèques?|"
    r"cabinets?|parti|club|coop[ée]rative|mission|projects?|projets?|plus|more|voir|lire|tous|"
    r"toutes|articles?|profil\w*|suivre|follow|contact\w*|abonn\w+|partag\w+|newsletter|email|"
    r"mail|accueil|home|posts?|publi\w+|commentaires?|comments?|minutes?|lecture|janvier|"
    r"f[ée]vrier|mars|avril|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|redakteur\w*|beiträge)\b",
    re.I,
)
# Words that are no name where they stand alone: "By", days and months in other languages.
LONE: Final = frozenset(
    "by par von por de lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag "  # noqa: SIM905
    "mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli august oktober "
    "dezember january february april may june july october december monday tuesday wednesday "
    "thursday friday saturday sunday alle texte text photo".split()
)
SITE: Final = re.compile(r"\w\.(?:com|org|net|fr|info|eu|be|ch|ca|de|it|uk|tv)\b", re.I)
WORD: Final = re.compile(r"[^\W\d_][\w.’'-]*")
NOT_LETTERS: Final = re.compile(r"[\W_]+")
# Where platforms put a byline, from what states an author to what only looks so.
HELD_APART: Final = re.compile(
    r"related|side-?bar|widget|comment|recommend|teaser|\bmenu|footer|most-?read|lire-aussi", re.I
)
BYLINES: Final = tuple(
    XPath(f"//{test}] | //h1")
    for test in (
        "*[@rel='author' or @itemprop='author' or @itemprop='creator'"
        " or contains(concat(' ', @class, ' '), ' p-author ')",
        "*[@class or @id or @data-testid or @itemtype]"
        "[contains(translate(@class, 'AUTHORBYLINESVCDW', 'authorbylinesvcdw'), 'author')"
        " or contains(@class, 'byline') or contains(@class, 'auteur') or contains(@class, 'Auteur')"
        " or contains(@class, 'signature') or contains(concat(' ', @class, ' '), ' vcard ')"
        " or contains(@class, 'redacteur') or contains(@class, 'writer')"
        " or contains(@id, 'auteur') or contains(@id, 'author') or contains(@id, 'byline')"
        " or contains(@class, 'journaliste') or contains(@data-testid, 'byline')"
        " or contains(@class, 'username')"
        " or contains(concat(' ', @class, ' '), ' sign ')"
        " or contains(concat(' ', @class, ' '), ' sig ')"
        " or contains(@itemtype, 'schema.org/Person')",
        "a[@href][contains(@href, '/auteur') or contains(@href, '/author')"
        " or contains(@href, '?auteur') or contains(@href, '/journaliste')"
        " or contains(@href, '/contribut') or contains(@href, '/signature')"
        " or contains(@href, '/redacteur') or contains(@href, '/biographie')"
        " or contains(@href, '/autor') or contains(@href, '/staff/')"
        " or contains(@href, '/membre') or contains(@href, '/equipe/')"
        " or contains(@href, '/newsteam/')",
    )
)
# The sender of a message in the archives of a list: "Ada Un ada at site.example".
MAILED: Final = re.compile(
    r"^(\D{4,40}?)\s+<?[\w.+-]+(?:@|\s(?:at|chez|arobase)\s)[\w-]+\.[\w.-]+>?$"
)
# A line that dates a page and names who wrote it: "Publié le 1er mars, revu le 2, par Ada Un".
DATED_BY: Final = re.compile(
    r"^\W*(?:publi|mise? (?:à jour|en ligne)|post|paru|rédig|écrit|diffus|modifi|updat)", re.I
)
# The last sentence of a standfirst, or of a text, may say who asked the questions.
ASKED_BY: Final = re.compile(
    r"(?:^|[.!?»…(]\s*)(?:propos|entretiens?|interview|texte|reportage|enquête)\s+(?:\w+\s+)?"
    r"(?:recueilli|réalis|men|condui|rédig)\w*(?:\s+et\s+\w+)?(?:\s+(?:à|au|en|le)\s[^.!?]{1,40}?)?"
    r"\s+par\s+(?=(?-i:[^\W\d_a-zà-ÿ]))",
    re.I,
)
ASKED_CHARS: Final = 900  # of the block that it ends
SENTENCE_END: Final = re.compile(r"(?<=[a-zà-ÿ]{2})[.!?]|\)")
# A line below the text that tells of its author: "Ada Un est urbaniste."
TOLD_OF: Final = re.compile(
    r"^\W*((?:[^\W\d_a-zà-ÿ][\w.’'-]*|d[eu]|des|la|van|von)(?:\s(?:[^\W\d_a-zà-ÿ][\w.’'-]*|d[eu]|"
    r"des|la|van|von|der)){1,4}),?\s(?:est|enseigne|dirige|travaille|vit|anime|is|was|teaches|works|"
    r"writes|lives)\s"
)
BIO_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:bio\w*|about-?(?:the-?)?author|a-?propos)(?=$|[\s_-])", re.I
)
TEXT_LEAD: Final = re.compile(
    r"^\W*(?:(?:[^.!?]{0,40}\b(?:publiée?|écrit|postée?|proposée?|rédigée?|recueillis?|réalisée?|signée?|"
    r"soumise?|envoyée?|menée?|conduite?|mise? en ligne|submitted|posted|written|published|"
    r"entretien|interview)\b[^.!?]{0,40}\s|"
    r"[^.!?]{0,40}\b(?:19|20)\d\d\b\W{0,3}(?:(?:à|at)\s)?[\d:h\s]{0,8}\W{0,3})?"
    r"(?:par|by)|(?:von|por)(?<=^\w\w\w)|(?:textes?|auteure?s?|authors?|autore?n?|interview|entretien|"
    r"reportage|propos|récit|enquête)\s*:|"
    r"(?:un(?:e|er)?\s+|an?\s+|ein\s+)?(?:entretien|interview|reportage|article|texte|billet)\s+"
    r"(?:de|of|von))\s+(?=(?-i:[^\W\d_a-zà-ÿ]))|"
    r"^\W*(?:rapport|avis|proposition|étude)\b[^.!?]{0,90}\s(?:de|par)\s+"
    r"(?=(?-i:M(?:M|mes?|lles?)?\.?\s+[^\W\d_a-zà-ÿ]))|" + OUR_OWN,
    re.I,
)


def list_persons(
    raw: Iterable[str],
    *,
    site_name: str = "",
    is_shown: bool = False,
    is_catalogued: bool = False,
    is_declared: bool = False,
) -> tuple[str, ...]:
    """List the persons that bylines name, in order, each once; never the site itself.

    `is_shown`: they were read of the page's text, and must have the shape of a name.
    `is_catalogued`: each is one person, as libraries write it ("Besson, Raphaël, 1976-").
    `is_declared`: they are for machines; one word without capitals is the login of an account.
    """
    site = _key(site_name)
    persons: dict[str, str] = {}
    for byline in raw:
        if signed := SIGNED_AT.match(byline):
            name = signed[1] or signed[2]
            if not NOBODY.search(name):
                persons.setdefault(_key(name), name)
            continue
        names = _split(byline, is_catalogued=is_catalogued)
        is_strict = is_shown or any(NOBODY.search(name) for name in names)
        for name in names:  # what stands beside an institution is a part of it, or a full name
            found = _tidy_name(name, is_shown=is_strict)
            if len(names) > 1 and name.islower():
                continue  # "Ada Un, urbaniste"
            if is_declared and " " not in found and found.islower():
                continue
            if found and _key(found) != site:
                persons.setdefault(_key(found), found)
    return tuple(persons.values())[:MAX_AUTHORS]


def list_bylines(tree: Any) -> Iterator[tuple[list[str], bool]]:
    """List the bylines that a page's markup names, surest first: the texts of one row together.

    Each with whether the markup states an author (`rel`, `itemprop`) or only seems to.
    """
    headings = list(tree.iter("h1"))
    whole = {ancestor for h1 in headings for ancestor in h1.iterancestors()}
    for path in BYLINES:
        is_first = path is BYLINES[0]
        # With the headings, in the page's order: what stands below the first comes first.
        in_order = path(tree)
        start = in_order.index(headings[0]) if headings else 0
        found = [
            each
            for each in (*in_order[start:], *in_order[:start])[: 60 + len(headings)]
            if each.tag != "h1" and each not in whole and _is_of_text(each, whole, is_first)
        ]
        while found:
            row = _find_row(found)
            found = [each for each in found if each not in row]
            texts = [text for each in row if (text := _byline_text(each))]
            if texts:
                yield texts, is_first or any(map(_is_author, row))


def list_cited(blocks: Sequence[PageBlock], title: str) -> Iterator[str]:
    """List the names that stand before the page's own `title` where it says how to cite it.

    One that shortens a name to its initials tells less than a byline, and is left out.
    """
    wanted = _key(title)
    for block in blocks if wanted else ():
        text = block.paragraph.text
        found = QUOTE.search(text, 0, CITED_CHARS[0]) if len(text) <= CITED_CHARS[1] else None
        if found is None or not _key(text[found.end() :]).startswith(wanted):
            continue
        names = CITED_YEAR.sub("", CITED_LEAD.sub("", text[: found.start()]))
        if not SHORTENED.search(names):
            yield names


def list_text_bylines(blocks: Sequence[PageBlock]) -> Iterator[str]:
    """List the lines of a page that may name its author, surest first.

    Those that begin as bylines do ("Par…", "Propos recueillis"), or stand below a label, in the
    opening, then from the end; a name that signs the text; the name in the profile that blogs show.
    """
    start = next((n for n, each in enumerate(blocks) if each.paragraph.kind == "heading"), 0)
    pairs = list(zip((None, *blocks), blocks, strict=False))
    for above, block in (*pairs[start : start + OPENING_BLOCKS], *reversed(pairs)):
        yield from _list_led(block.paragraph.text, above.paragraph.text if above else "")
    opening = blocks[start : start + OPENING_BLOCKS]
    yield from _list_dated(opening)
    if len(opening) > 2 and _names_institution(opening[2]) and not opening[1].is_shell:
        yield opening[1].paragraph.text  # a name above its institution
    yield from _list_signatures(blocks)
    for block in blocks:
        found = PROFILE.match(block.paragraph.text)
        if found and any(PROFILE_NAME.search(each.get("class", "")) for each in block.path[-3:]):
            yield found[1]


def _list_led(text: str, above: str) -> Iterator[str]:
    """List what a line names behind the words that lead it, or below a label (`above`)."""
    if len(text) <= ASKED_CHARS and (asked := ASKED_BY.search(text)):
        yield SENTENCE_END.split(text[asked.end() :], maxsplit=1)[0]
    if len(text) > BYLINE_CHARS:
        return
    if LABEL.match(above) and len(text) <= MAX_LABELLED:
        yield text
    if SIGNED_AT.match(text):
        yield text
    elif mailed := MAILED.match(text):
        yield mailed[1]
    elif found := TEXT_LEAD.match(text):
        yield text[found.end() :]
    elif DATED_BY.match(text) and find_day(text) and (behind := BEHIND.search(text)):
        yield text[behind.end() :]


def _list_dated(blocks: Iterable[PageBlock]) -> Iterator[str]:
    """List what stands beside a day, as one part of a line whose other parts are no sentences."""
    for block in blocks:
        text = block.paragraph.text
        if block.is_shell or len(text) > BYLINE_CHARS or not find_day(text):
            continue
        parts = PARTS.split(text)
        if len(parts) > 1 and any(is_bare_date(part) for part in parts):
            yield from (part for part in parts if not find_day(part) and len(part) <= MAX_NAME)


def _list_signatures(blocks: Sequence[PageBlock]) -> Iterator[str]:
    """List the short lines at the right, in bold or in italics below the text."""
    last = max((n for n, each in enumerate(blocks) if is_long_text(each)), default=len(blocks))
    for block in blocks[last + 1 : last + 1 + SIGNATURE_BLOCKS]:
        text = block.paragraph.text
        is_set_apart = any(map(_is_at_right, block.path[-3:])) or _is_emphasised(block)
        dated = SIGNED_DAY.match(text)
        if len(text) <= MAX_NAME and is_set_apart:
            yield text
        elif dated and is_bare_date(text[dated.end() :]):
            yield dated[1]
        elif block.path and block.path[-1].tag == "address" and not STREET.search(text):
            yield text
    for block in blocks[last : last + 1 + SIGNATURE_BLOCKS]:
        told = TOLD_OF.match(block.paragraph.text)
        if told and (_is_emphasised(block) or any(map(_is_bio, block.path[-3:]))):
            yield told[1]


def _names_institution(block: PageBlock) -> bool:
    text = block.paragraph.text
    is_line = len(text) < LONG_CHARS and not text.endswith(".") and not block.is_shell
    return is_line and NOBODY.search(text) is not None


def is_long_text(block: PageBlock) -> bool:
    """Say whether a block is a paragraph of a text by its length and its few links."""
    length = len(block.paragraph.text)
    return length >= LONG_CHARS and block.linked < length / 2


def _is_bio(element: Any) -> bool:
    return BIO_NAME.search(f"{element.get('class', '')} {element.get('id', '')}") is not None


def _is_at_right(element: Any) -> bool:
    style = element.get("style", "")
    return element.get("align", "").lower() == "right" or AT_RIGHT.search(style) is not None


def _is_emphasised(block: PageBlock) -> bool:
    """Say whether all of a block is in bold or in italics, as signatures below a text are."""
    if not block.path or block.paragraph.kind != "p":
        return False
    element = block.path[-1]
    inline = [each for each in element if each.tag in ("b", "i", "em", "strong")]
    text = "".join(each.text_content() for each in inline)
    return tidy_line(text) == block.paragraph.text


def _is_author(element: Any) -> bool:
    """Say whether a class says of an element that it is an author, and nothing more."""
    return not AUTHOR_CLASSES.isdisjoint(element.get("class", "").split())


def _is_of_text(element: Any, whole: Container[Any], is_stated: bool) -> bool:
    """Say whether an element stands apart from menus and lists of pages; `whole` hold the title.

    What the markup states to be the author (`is_stated`) may stand in an `aside`.
    """
    for each in (element, *element.iterancestors()):
        if each in whole or each.tag in ("body", "html", "main", "article"):
            return True
        names = f"{each.get('class', '')} {each.get('id', '')}"
        is_aside = each.tag == "aside" and not is_stated
        if each.tag in ("nav", "form") or is_aside or HELD_APART.search(names):
            return False
    return True


def names_author(text: str) -> bool:
    """Say whether a line begins as bylines do.

    >>> names_author("Par Ada Un, le 12 mars"), names_author("Par la fenêtre, on voit la rue.")
    (True, False)
    """
    return len(text) <= BYLINE_CHARS and TEXT_LEAD.match(text) is not None


def _find_row(found: Sequence[Any]) -> list[Any]:
    """List the first of some elements with those that stand in one row with it, innermost ones."""
    first = found[0]
    holder = first
    for ancestor in first.iterancestors():
        if ancestor.tag in ("body", "html") or len(ancestor.text_content()) > ROW_CHARS:
            break
        holder = ancestor
    inside = set(holder.iter())
    row = [each for each in found if each in inside]
    outer = {ancestor for each in row for ancestor in each.iterancestors()}
    return [each for each in row if each not in outer or each is first] if len(row) > 1 else row


def _byline_text(element: Any) -> str:
    named = element.xpath(".//*[@itemprop='name' or contains(concat(' ', @class, ' '), ' fn ')]")
    if len(named) == 1:
        element = named[0]
    text = str(element.get("content") or _spaced_text(element))
    if text.startswith("http"):
        return ""
    return text if len(text.strip()) < BYLINE_CHARS else ""


def _spaced_text(element: Any) -> str:
    """Give the text of an element, its items and its blocks kept apart as the page shows them."""
    if next(element.iter("sup"), None) is not None:  # calls of notes that tell of who wrote it
        element = deepcopy(element)
        for call in list(element.iter("sup")):
            call.drop_tree()
    parts = [part.text_content() for part in element]
    if (
        len(parts) > 1
        and not (element.text or "").strip()
        and not any((part.tail or "").strip() or part.tag not in ("a", "span") for part in element)
    ):
        return ", ".join(parts)  # the style sheet keeps them apart
    text = ""
    for kind, raw, _, _ in walk_blocks(element):
        if raw.strip():
            text += f"{', ' if kind == 'item' else ' | '}{raw}" if text else raw
    return text or str(element.text_content())  # no block: inline


def _split(byline: str, *, is_catalogued: bool) -> list[str]:
    """Cut a byline into what may be names."""
    line = ADDRESS.sub(" ", unescape_twice(byline)).strip()
    line = LIFE.sub("", OTHERS.sub("", line))
    line = CALL.sub("", line) if " " in line else line
    line = BESIDE_NAME.sub("", line).strip() or line
    line = LABELLED.sub("", line)
    if is_catalogued and line.count(",") == 1:
        family, _, given = line.partition(",")
        return [f"{given.strip()} {family.strip()}"]
    if led := BEHIND.search(line):
        line = line[led.end() :]
    for part in HARD.split(LEAD.sub("", line)):
        names = _split_part(part) if part else []
        if any(_tidy_name(name, is_shown=False) for name in names):
            return names
    return []


def _split_part(part: str) -> list[str]:
    people = [each for each in re.split(r"\s*;\s*", part) if each]
    if len(people) > 1:
        return [name for each in people for name in _split_part(each)]
    names = [tidy for each in SOFT.split(part) if each and (tidy := tidy_line(LEAD.sub("", each)))]
    if len(names) == 2 and "," in part and " " not in names[1] and _is_family(names[0]):
        return [f"{names[1]} {names[0]}"]  # "Besson, Raphaël"
    return names


def _is_family(name: str) -> bool:
    """Say whether a name is that of a family alone: one word beside its particles."""
    return sum(word.lower() not in PARTICLES for word in name.split()) == 1


def _tidy_name(part: str, *, is_shown: bool) -> str:
    """Give a person's name as it is printed; "" of what is none."""
    bare = LEAD.sub("", part).strip(" ,:;*\"'«»-–—_")
    name = HONORIFIC.sub("", bare if INITIAL.search(bare) else bare.strip("."))
    words = name.split()
    if not 2 <= len(name) <= MAX_NAME or len(words) > MAX_WORDS:
        return ""
    if ":" in name or (len(words) == 1 and words[0].lower() in LONE):
        return ""
    if sum(map(str.isdigit, name)) > (2 if len(words) == 1 else 0):
        return ""
    if (
        NOBODY.search(name)
        or SITE.search(name)
        or NOT_LETTERS.split(words[0].lower())[0] in ARTICLES
    ):
        return ""
    if not any(map(str.isalpha, name)) or (len(words) == 1 and name.isupper() and len(name) < 6):
        return ""  # a sign; an acronym
    if (len(words) > 1 or is_shown) and not _has_shape(words, is_shown=is_shown):
        return ""
    return _set_capitals(words)


def _has_shape(words: Sequence[str], *, is_shown: bool) -> bool:
    """Say whether words are a name: in capitals, but for particles; the page's text has two."""
    own = [
        word for word in words if word.lower().rstrip("’'.") not in PARTICLES or _is_initial(word)
    ]
    if not own or (is_shown and len(own) < 2):
        return False
    capital = sum(WORD.match(word) is not None and _is_capital(word) for word in own)
    return capital == len(own)


def _is_initial(word: str) -> bool:
    return len(word) == 2 and word[0].isupper() and word[1] == "."


def _is_capital(word: str) -> bool:
    return word[0].isupper() or (word[1:2] in "’'" and word[2:3].isupper())


def _set_capitals(words: Sequence[str]) -> str:
    """Print capitals as names have them: "BESSON Raphaël", "Charles DE GAULLE"."""
    shouted = [len(word) > 1 and word.isupper() and "." not in word for word in words]
    if not any(shouted) or (len(words) == 1):
        return " ".join(words)
    quiet = [
        _lower_name(word, is_first=n == 0) if is_loud else word
        for n, (word, is_loud) in enumerate(zip(words, shouted, strict=True))
    ]
    count = next((n for n, is_loud in enumerate(shouted) if not is_loud), len(words))
    if 0 < count < len(words) and not any(shouted[count:]) and len(words[0]) > 2:
        quiet = [*quiet[count:], *quiet[:count]]  # "BESSON Raphaël"
    return " ".join(quiet)


def _lower_name(word: str, *, is_first: bool) -> str:
    if word.lower() in ("de", "du", "des", "von", "van", "der") and not is_first:
        return word.lower()
    lowered = re.sub(r"[^\W\d_]+", lambda found: found[0].capitalize(), word)
    return re.sub(r"^D(?=[’'])", "d", lowered)


def unescape_twice(text: str) -> str:
    """Mend what was escaped twice: "L&amp;#039;été" -> "L'été".

    >>> unescape_twice("Q&amp;amp;R")
    'Q&R'
    """
    for _ in range(3):
        if "&" not in text or (plain := html.unescape(text)) == text:
            break
        text = plain
    return text


def _key(text: str) -> str:
    return NOT_LETTERS.sub("", text).casefold()
