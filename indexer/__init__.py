"""Build and ask the index of the texts that an annotated bibliography cites.

The rooms, in reading order; each sees only those after it:

    cli                             the command `renvois`
    capture                         what pages need to be shown again; what scripts make of them
    pipeline, report                carry values from room to room; count
    wiring                          Settings -> the engine, to search and to write
    corpus                          Settings -> an opened Corpus, with a clock
    settings                        one frozen Settings, read once
    engines                         index documents, answer queries: planning, and the engine behind
    bibliography                    files -> References, Notes, Citations, Problems
    crawl                           a URL -> what the server says, and what it is worth
    archive                         WARC files and the catalogue
    extract                         bytes and headers -> an Article
    links                           observations over time -> how a link is
    identities                      the ids that texts and notes keep, whatever is mended
    withdrawals                     which texts are shown no more
    index                           Reference + Article + Notes -> Document
    search                          what somebody typed -> Query; a text -> Snippets
    analysis                        text -> terms
    pagekind                        a page -> what it is: article, error, login, paywall, list…
    urls, codings, heads            addresses, numbers that name a text; codings; HTTP heads
    csv_tables                      rows -> CSV
    disk                            what the system says, in words; SQLite files, read-only too
    errors, model                   what stops us; the frozen values
"""

__version__ = "0.1.0"
