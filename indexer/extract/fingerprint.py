"""Name the extractor that read a page, so that what an older one read is read again.

A person raises EXTRACT_VERSION when results change; tests/extract/test_golden_results.py fails
when they change and the number did not (docs/decisions/0070-versions-raised-by-hand.md).
"""

import hashlib
from importlib import metadata
from typing import Final

# 2: why a page is no article is a message; 3: a zero-width space is a space;
# 4: of a page so many tags are read, of a long text its beginning; 5: pagekind says;
# 6: comments are parted by shape, articles known by one column, bylines and dates by the page;
# 7: standfirsts, notes and lines among the paragraphs; 8: refrains, PDF dated by the crawl;
# 9: comments of pages whose wrapper is named like a menu
# 10: titles told from the names of sites; bylines, dates and lists that readers leave out
# 11: site rules are followed first
# 12: MHTML
# 13: notes and text boxes of office files, books with a hole; noise is no page
# 14: more classes of captions, lines of rights and gifts; 15: bylines of one word
# 19: large pages lose their weight before they are decoded; office files in a stream
# 20: posts of forums, bylines; what Next.js pushes
EXTRACT_VERSION: Final = 21

# Each of them decides of a text, a date, a language or an encoding.
LIBRARIES: Final = (
    "trafilatura",
    "htmldate",
    "lxml",
    "beautifulsoup4",
    "readability-lxml",
    "resiliparse",
    "py3langid",
    "charset-normalizer",
    "ftfy",
    "pypdfium2",
)


def render_fingerprint(version: int, releases: dict[str, str]) -> str:
    """Render the version of the extractor and a digest of its libraries' releases: "1-0a1b2c3d".

    `releases`: the name of each library and its release.
    """
    told = "".join(f"{name}={releases[name]}\0" for name in sorted(releases))
    return f"{version}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


FINGERPRINT: Final = render_fingerprint(
    EXTRACT_VERSION, {library: metadata.version(library) for library in LIBRARIES}
)
