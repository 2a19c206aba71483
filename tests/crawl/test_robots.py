"""What a robots.txt lets us ask: the cases of RFC 9309 and of Google's matcher, in our own words.

Each case: the rules, the product token that asks, what is allowed ("+") and what is not ("-").
The facts are those that google/robotstxt checks (robots_test.cc), Google's leniencies included.
"""

from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl.robots import Rules, is_fresh, judge_robots, product_token
from indexer.model import Cause, Exchange, Hop, Robots, RobotsState

SITE = "http://exemple.test"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

ONE_GROUP = "user-agent: renvois\ndisallow: /\nallow: /x/\n"
GROUPS = """allow: /hors/groupe/

user-agent: renvois
disallow: /
allow: /x/
user-agent: autre
disallow: /
allow: /y/


allow: /w/
user-agent: tiers

user-agent: renvois
allow: /z/
disallow: /
"""
GLOBAL = "user-agent: *\nallow: /\nuser-agent: renvois\ndisallow: /\n"
SPECIFIC = "user-agent: renvois\nallow: /\nuser-agent: a\ndisallow: /\nuser-agent: b\ndisallow: /\n"
HEAD = "user-agent: renvois\n"
CLOSED = HEAD + "disallow: /\n"

CASES = [
    ("nothing forbids nothing", "", "renvois", "+/ +/x/y"),
    ("a group forbids", CLOSED, "renvois", "-/ -/x/y"),
    ("unknown lines are no rules", "foo: renvois\nbar: /\n", "renvois", "+/x/y"),
    ("a missing colon is guessed", "user-agent renvois\ndisallow /\n", "renvois", "-/x/y"),
    ("groups of one name are one", GROUPS, "renvois", "+/x/b +/z/d -/y/c -/hors/groupe/"),
    ("another group is another's", GROUPS, "autre", "+/y/c +/w/a -/z/d -/hors/groupe/"),
    ("agents in a row share a group", GROUPS, "tiers", "+/z/d -/hors/groupe/"),
    (
        "a sitemap closes no group",
        "User-agent: a\nSitemap: http://exemple.test/s\nUser-agent: *\nDisallow: /\n",
        "renvois",
        "-/",
    ),
    (
        "nor for whoever it names",
        "User-agent: renvois\nSitemap: http://exemple.test/s\nUser-agent: *\nDisallow: /\n",
        "renvois",
        "-/",
    ),
    (
        "an unknown line closes no group",
        "User-agent: renvois\nInconnu: x\nUser-agent: *\nDisallow: /\n",
        "renvois",
        "-/",
    ),
    (
        "names of lines in capitals",
        ONE_GROUP.upper().replace("/X/", "/x/"),
        "renvois",
        "+/x/y -/a/b",
    ),
    ("names of lines in small letters", ONE_GROUP, "renvois", "+/x/y -/a/b"),
    ("names of lines in both", ONE_GROUP.title().replace("/X/", "/x/"), "renvois", "+/x/y -/a/b"),
    *[
        (
            f"the case of {written} asked by {asking}",
            f"User-Agent: {written}\nAllow: /x/\nDisallow: /\n",
            asking,
            "+/x/y -/a/b",
        )
        for written in ("RENVOIS", "renvois", "ReNvOiS")
        for asking in ("renvois", "Renvois")
    ],
    *[
        (
            f"only the first word of {written} counts, asked by {asking}",
            f"User-Agent: {written}\nAllow: /x/\nDisallow: /\n",
            asking,
            "+/x/y -/a/b",
        )
        for written in ("RENVOIS BOT", "renvois bot", "ReNvOiS bOt")
        for asking in ("renvois", "Renvois")
    ],
    ("the global group is for others", GLOBAL, "renvois", "-/x/y"),
    ("the global group is for the rest", GLOBAL, "autre", "+/x/y"),
    ("no global group forbids nothing", SPECIFIC, "tiers", "+/x/y"),
    ("paths have letter case", HEAD + "disallow: /x/\n", "renvois", "-/x/y"),
    ("paths in capitals are others", HEAD + "disallow: /X/\n", "renvois", "+/x/y"),
    (
        "the longest rule wins",
        HEAD + "disallow: /x/page.html\nallow: /x/\n",
        "renvois",
        "-/x/page.html",
    ),
    (
        "whichever it is",
        HEAD + "allow: /x/page.html\ndisallow: /x/\n",
        "renvois",
        "+/x/page.html -/x/",
    ),
    ("empty rules say nothing", HEAD + "disallow: \nallow: \n", "renvois", "+/x/page.html"),
    ("of two as long, the one that allows", HEAD + "disallow: /\nallow: /\n", "renvois", "+/x"),
    ("a slash more is longer", HEAD + "disallow: /x\nallow: /x/\n", "renvois", "-/x +/x/"),
    (
        "the same path twice",
        HEAD + "disallow: /x/page.html\nallow: /x/page.html\n",
        "renvois",
        "+/x/page.html",
    ),
    (
        "a star counts as written",
        HEAD + "allow: /page\ndisallow: /*.html\n",
        "renvois",
        "-/page.html +/page",
    ),
    (
        "a longer path beats a star",
        HEAD + "allow: /x/page.\ndisallow: /*.html\n",
        "renvois",
        "+/x/page.html -/x/y.html",
    ),
    (
        "our own group only",
        "User-agent: *\nDisallow: /x/\nUser-agent: renvois\nDisallow: /y/\n",
        "renvois",
        "+/x/page -/y/page",
    ),
    (
        "a query is part of the path",
        CLOSED + "Allow: /foo/bar?qux=taz&baz=http://a.test?b&c\n",
        "renvois",
        "+/foo/bar?qux=taz&baz=http://a.test?b&c",
    ),
    ("a rule in UTF-8 is encoded", CLOSED + "Allow: /foo/ツ\n", "renvois", "+/foo/%E3%83%84"),
    (
        "a rule that is encoded stays",
        CLOSED + "Allow: /foo/%E3%83%84\n",
        "renvois",
        "+/foo/%E3%83%84",
    ),
    (
        "letters encoded without need",
        CLOSED + "Allow: /foo/%62%61%7A\n",
        "renvois",
        "+/foo/%62%61%7A",
    ),
    (
        "a star in the middle",
        HEAD + "Disallow: /foo/bar/quz\nAllow: /foo/*/qux\n",
        "renvois",
        "-/foo/bar/quz +/foo/quz +/foo//quz +/foo/bax/quz",
    ),
    (
        "a dollar is the end",
        HEAD + "Disallow: /foo/bar$\nAllow: /foo/bar/qux\n",
        "renvois",
        "-/foo/bar +/foo/bar/qux +/foo/bar/ +/foo/bar/baz",
    ),
    (
        "a comment is none",
        HEAD + "# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n",
        "renvois",
        "+/foo/bar -/foo/quz",
    ),
    (
        "a path",
        CLOSED + "allow: /fish\n",
        "renvois",
        "-/bar +/fish +/fish.html +/fish/salmon.html +/fishheads +/fishheads/yummy.html "
        "+/fish.html?id=anything -/Fish.asp -/catfish -/?id=fish",
    ),
    (
        "a path and a star",
        CLOSED + "allow: /fish*\n",
        "renvois",
        "-/bar +/fish +/fish.html +/fish/salmon.html +/fishheads +/fishheads/yummy.html "
        "+/fish.html?id=anything -/Fish.bar -/catfish -/?id=fish",
    ),
    (
        "a folder",
        CLOSED + "allow: /fish/\n",
        "renvois",
        "-/bar +/fish/ +/fish/salmon +/fish/?salmon +/fish/salmon.html +/fish/?id=anything -/fish "
        "-/fish.html -/Fish/Salmon.html",
    ),
    (
        "an ending anywhere",
        CLOSED + "allow: /*.php\n",
        "renvois",
        "-/bar +/filename.php +/folder/filename.php +/folder/filename.php?parameters "
        "+//folder/any.php.file.html +/filename.php/ +/index?f=filename.php/ -/php/ -/index?php "
        "-/windows.PHP",
    ),
    (
        "an ending at the end",
        CLOSED + "allow: /*.php$\n",
        "renvois",
        "-/bar +/filename.php +/folder/filename.php -/filename.php?parameters -/filename.php/ "
        "-/filename.php5 -/php/ -/filename?php -/aaaphpaaa -//windows.PHP",
    ),
    (
        "a beginning and an ending",
        CLOSED + "allow: /fish*.php\n",
        "renvois",
        "-/bar +/fish.php +/fishheads/catfish.php?parameters -/Fish.PHP",
    ),
    ("precedence, 1", HEAD + "allow: /p\ndisallow: /\n", "renvois", "+/page"),
    ("precedence, 2", HEAD + "allow: /folder\ndisallow: /folder\n", "renvois", "+/folder/page"),
    ("precedence, 3", HEAD + "allow: /page\ndisallow: /*.htm\n", "renvois", "-/page.htm"),
    ("precedence, 4", HEAD + "allow: /$\ndisallow: /\n", "renvois", "+/ -/page.html"),
    ("lines of Windows", CLOSED.replace("\n", "\r\n"), "renvois", "-/x"),
    ("lines of the first Macs", CLOSED.replace("\n", "\r"), "renvois", "-/x"),
    ("no last line end", CLOSED.strip(), "renvois", "-/x"),
    ("lines of all kinds", "user-agent: a\r\ndisallow: /\n\r\n" + CLOSED, "renvois", "-/x"),
    ("spaces around", "  user-agent  :  renvois  \n\tdisallow\t:\t/x\t\n", "renvois", "-/x +/y"),
    ("robots.txt itself is always allowed", CLOSED, "renvois", "+/robots.txt"),
    (
        "another's name that begins as ours",
        "user-agent: renvois-images\ndisallow: /\n",
        "renvois",
        "+/x",
    ),
    ("a name that is part of ours", "user-agent: renvoi\ndisallow: /\n", "renvois", "+/x"),
    ("nothing asks for everything", "Disallow: /\n", "renvois", "+/x"),
    ("a page of HTML is no rules", "<html><body>Disallow: /</body></html>", "renvois", "+/x"),
    (
        "index.html is its folder",
        "User-Agent: *\nAllow: /dossier/index.html\nDisallow: /\n",
        "renvois",
        "+/dossier/ -/dossier/index.htm +/dossier/index.html -/autre",
    ),
    ("a path in UTF-8 as typed", CLOSED + "Allow: /foo/ツ\n", "renvois", "-/foo/ツ"),
    (
        "a path typed against an encoded rule",
        CLOSED + "Allow: /foo/%E3%83%84\n",
        "renvois",
        "-/foo/ツ",
    ),
    (
        "letters typed against an encoded rule",
        CLOSED + "Allow: /foo/%62%61%7A\n",
        "renvois",
        "-/foo/baz",
    ),
]
CHECKS = [
    (name, rules, token, check[1:], check[0] == "+")
    for name, rules, token, checks in CASES
    for check in checks.split()
]

# What Protego answers otherwise, and why we leave it.
KNOWN = {
    **{
        (f"only the first word of {written} counts, asked by {asking}", path): (
            "RFC 9309 §2.2.1 has no spaces in a name; Protego looks for the whole name"
        )
        for written in ("RENVOIS BOT", "renvois bot", "ReNvOiS bOt")
        for asking in ("renvois", "Renvois")
        for path in ("/a/b",)
    },
    ("an unknown line closes no group", "/"): "Protego ends the group there; no such file is known",
    ("a name that is part of ours", "/x"): "Protego obeys a group whose name begins ours as well",
    ("a path in UTF-8 as typed", "/foo/ツ"): "never asked so: we ask the canonical URL",
    ("a path typed against an encoded rule", "/foo/ツ"): "never asked so either",
    ("letters typed against an encoded rule", "/foo/baz"): (
        "RFC 9309 §2.2.2 compares octets after decoding what needs no encoding: Protego is right"
    ),
}


@pytest.mark.parametrize(
    ("name", "rules", "token", "path", "is_allowed"),
    CHECKS,
    ids=[f"{name} {path}" for name, _, _, path, _ in CHECKS],
)
def test_rules_are_read_as_the_rfc_and_google_read_them(name, rules, token, path, is_allowed):
    if (name, path) in KNOWN:
        is_allowed = not is_allowed  # said, so that we notice the day it changes

    assert Rules(rules).is_allowed(SITE + path, token) == is_allowed, KNOWN.get((name, path))


def test_most_cases_are_as_expected():
    assert len(CHECKS) >= 140
    assert len(CHECKS) - len(KNOWN) >= 128


def answer(status=200, payload=b"", *, cause=None, fields=()):
    hop = Hop(
        target_uri=f"{SITE}/robots.txt",
        started_at=NOW,
        status=status,
        headers=tuple(fields),
        payload=payload,
        cause=cause,
    )
    return Exchange(url=hop.target_uri, canonical_url=hop.target_uri, hops=(hop,), cause=cause)


def failure(cause):
    return Exchange(url=SITE, canonical_url=SITE, cause=cause, detail="so")


def judged(exchange, known=None, now=NOW):
    return judge_robots(exchange, origin=SITE, now=now, known=known)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
def test_what_the_client_is_refused_forbids_nothing(status):
    assert judged(answer(status)).state is RobotsState.UNAVAILABLE


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_a_server_in_trouble_forbids_all_for_now(status):
    robots = judged(answer(status))

    assert robots.state is RobotsState.UNREACHABLE
    assert robots.cause is Cause.ROBOTS_UNREACHABLE
    assert str(status) in robots.detail


@pytest.mark.parametrize("cause", [Cause.REDIRECT_LOOP, Cause.BAD_REDIRECT, Cause.FORBIDDEN_SCHEME])
def test_redirects_that_lead_nowhere_forbid_nothing(cause):
    assert judged(failure(cause)).state is RobotsState.UNAVAILABLE


@pytest.mark.parametrize("cause", [Cause.TIMEOUT, Cause.DEADLINE, Cause.BAD_RESPONSE])
def test_robots_out_of_reach_forbid_all_for_now(cause):
    robots = judged(failure(cause))

    assert (robots.state, robots.cause) == (RobotsState.UNREACHABLE, Cause.ROBOTS_UNREACHABLE)


@pytest.mark.parametrize("cause", [Cause.UNKNOWN_HOST, Cause.CONNECTION_REFUSED, Cause.TLS_FAILURE])
def test_a_host_out_of_reach_says_so_itself(cause):
    assert judged(failure(cause)).cause is cause


def test_out_of_reach_for_a_month_is_forgotten():
    since = NOW - timedelta(days=30)
    known = Robots(
        origin=SITE,
        fetched_at=NOW - timedelta(days=1),
        state=RobotsState.UNREACHABLE,
        unreachable_since=since,
    )
    assert judged(answer(500), known).state is RobotsState.UNAVAILABLE
    assert judged(answer(500), known, NOW - timedelta(days=1)).state is RobotsState.UNREACHABLE
    assert judged(failure(Cause.UNKNOWN_HOST), known).state is RobotsState.UNREACHABLE
    a_second_less = judged(answer(500), known, NOW - timedelta(seconds=1))
    assert (a_second_less.state, a_second_less.unreachable_since) == (
        RobotsState.UNREACHABLE,
        since,
    )


def test_what_came_of_a_file_cut_short_is_obeyed():
    robots = judged(answer(payload=CLOSED.encode(), cause=Cause.TRUNCATED))

    assert not Rules(robots.rules).is_allowed(f"{SITE}/x", "renvois")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_byte_order_mark_hides_nothing(encoding):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    robots = judged(answer(payload=mark + CLOSED.encode(encoding)))

    assert not Rules(robots.rules).is_allowed(f"{SITE}/x", "renvois")


def test_half_a_megabyte_is_read_and_no_more():
    def is_read(rules_end_at):
        head, rules = b"user-agent: *\n#", b"\n" + CLOSED.encode()
        filling = b"x" * (rules_end_at - len(head) - len(rules))
        robots = judged(answer(payload=head + filling + rules))
        return not Rules(robots.rules).is_allowed(f"{SITE}/x", "renvois")

    half = 500 * 1024
    assert is_read(half)
    assert not is_read(half + 3)  # of "disallow: /" all but the slash is read at the most


@pytest.mark.parametrize(
    ("line", "delay_s"),
    [
        ("Crawl-delay: 7", 7.0),
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 60", 60.0),
        ("Crawl-delay: 60.5", 60.0),
        ("Crawl-delay: 86400", 60.0),
        ("Crawl-delay: -5", None),
        ("Crawl-delay: beaucoup", None),
        ("", None),
    ],
)
def test_a_crawl_delay_is_obeyed_up_to_a_bound(line, delay_s):
    found = Rules(f"user-agent: *\n{line}\ndisallow: /x\n").find_delay_s("renvois")

    assert (found or None) == delay_s


def test_robots_are_kept_a_day_and_those_out_of_reach_not_so_long():
    rules = Robots(origin=SITE, fetched_at=NOW, state=RobotsState.RULES)
    trouble = judged(answer(500))
    away = judged(failure(Cause.UNKNOWN_HOST))

    second = timedelta(seconds=1)
    assert is_fresh(rules, now=NOW)
    assert is_fresh(rules, now=NOW + timedelta(hours=24) - second)
    assert not is_fresh(rules, now=NOW + timedelta(hours=24))
    assert not is_fresh(rules, now=NOW - second)  # of a clock that ran ahead
    assert is_fresh(trouble, now=NOW + timedelta(hours=1) - second)
    assert not is_fresh(trouble, now=NOW + timedelta(hours=1))
    assert not is_fresh(away, now=NOW)


@pytest.mark.parametrize(
    "user_agent", ["renvois/0.1 (+https://exemple.test)", "renvois", "renvois (a)"]
)
def test_robots_call_us_by_our_product(user_agent):
    assert product_token(user_agent) == "renvois"
