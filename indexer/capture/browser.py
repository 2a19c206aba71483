"""Have a browser run the scripts of a page: Debian's Chromium, driven by Playwright. Its only door.

No request of the browser reaches the network. Each is intercepted and answered by what the crawl's
fetcher brought (`capture.parts`); what would slip past the interception (the target of a redirect,
WebRTC) is sent to a proxy that does not exist. Every page has a profile of its own, a deadline, a
bound on memory. Nothing of the browser's is downloaded, and it downloads nothing.
"""

import asyncio
import contextlib
import html
import os
import shutil
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from indexer.capture.parts import PagePart, PartFetcher
from indexer.crawl.fetcher import Posted
from indexer.crawl.politeness import InterruptedWaitError
from indexer.errors import BrowserError
from indexer.messages import message
from indexer.model import Cause

T = TypeVar("T")

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
EXTRA: Final = "renvois[browser]"
# Nothing but what a page asks for, and that only by the interception: port 9 discards.
ARGUMENTS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-first-run",
)
NOWHERE: Final = "http://127.0.0.1:9"
REFUSED_TYPES: Final = frozenset({"websocket", "eventsource", "ping"})
MEDIA: Final = "media"  # a film or a sound
STYLE: Final = "stylesheet"
METHODS: Final = frozenset({"GET", "HEAD"})  # what changes nothing on a server
POST: Final = "POST"  # what may, but is how many scripts ask for their text
# Of a request of the browser, what goes on; the rest is the crawl's own.
SENT_FIELDS: Final = ("accept", "origin", "x-requested-with")
# Of an answer, what describes bytes that are not given as they were sent.
CODING_FIELDS: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
AT_ONCE: Final = 6  # requests of a page under way, to different hosts
QUIET_S: Final = 1.0  # without a request and without a new letter: a page is done
POLL_S: Final = 0.2
MAX_SETTLING_S: Final = 15.0
MAX_SCROLLS: Final = 20
MAX_FRAMES: Final = 8  # whose timers are asked about
SHORT_S: Final = 20.0  # for what takes a moment: an image, a print
MAX_HEIGHT: Final = 10_000  # CSS pixels of an image
WIDTH: Final = 1_280
MIN_FRAME: Final = (200, 60)  # CSS pixels; a smaller frame counts, or advertises
SCRIPTS: Final = "page_scripts.js"

# What managers of consent put over a page; hidden where a setting wants it, never clicked.
BANNERS: Final = (
    "#didomi-host, #onetrust-consent-sdk, #tarteaucitronRoot, .qc-cmp2-container, #axeptio_overlay,"
    "#CybotCookiebotDialog, #sp_message_container, [id^='sp_message_container'], #cmpbox, #cmpbox2,"
    "#usercentrics-root, .fc-consent-root, #iubenda-cs-banner, #hs-eu-cookie-confirmation,"
    ".cc-window, #cookie-law-info-bar, #truste-consent-track, #cookiebanner, #cookie-banner"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPolicy:
    """The settings of a capture by a browser: program, User-Agent, language, memory in bytes."""

    program: str = ""  # a path; "": the first of NAMES that there is
    user_agent: str = ""
    language: str = "fr"
    max_memory: int = 1_500_000_000  # bytes, of all processes of the browser
    hides_banners: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPage:
    """The capture of one page by a browser: markup after its scripts, a JPEG and a PDF of it.

    Where `markup` is empty the capture failed, and `cause` says why.
    """

    final_url: str
    markup: bytes = b""  # after the scripts, with frames and shadow trees, without scripts; UTF-8
    image: bytes = b""  # JPEG
    print: bytes = b""  # PDF
    cause: Cause | None = None
    detail: str = ""
    parts: tuple[PagePart, ...] = ()
    refused: tuple[tuple[str, int], ...] = ()  # a kind of request, and how many


def find_program(program: str = "") -> str:
    """Find the browser. Raises BrowserError where the extra or the program is not there."""
    if find_spec("playwright") is None:
        raise BrowserError(
            message("error.browser.no-playwright"), hint=message("hint.pip-install", package=EXTRA)
        )
    found = shutil.which(program) if program else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        wanted = program or "Chromium"
        raise BrowserError(
            message("error.browser.none", program=wanted),
            hint=message("hint.install-browser"),
        )
    return found


class Chromium:
    """A browser that is started when first needed; to be closed. One page at a time.

    It runs in a thread of its own, as whoever calls may have an event loop already.
    """

    def __init__(self, policy: BrowserPolicy) -> None:
        """Take how pages are captured. Raises BrowserError where there is no browser."""
        self._policy = policy
        self._program = find_program(policy.program)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
        self._thread.start()
        self._executor = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="browser")
        self._mark = f"renvois-{uuid.uuid4()}"  # in the environment of its processes
        self._playwright: Any = None
        self._browser: Any = None

    def __enter__(self) -> Self:
        """Give the browser itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End the browser and all its processes."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(TimeoutError):
            self._run(self._stop(), SHORT_S)
        self._kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SHORT_S)
        if not self._loop.is_running():
            self._loop.close()

    def capture(self, url: str, fetcher: PartFetcher) -> BrowserPage:
        """Open a page, let its scripts run, scroll to its end; give what it is then.

        Raises BrowserError when the browser can't be started, ArchiveError and CatalogueError.
        """
        visit = _PageVisit(url, fetcher, self._policy, self._loop, self._executor)
        failure = ""
        try:
            self._run(self._visit(visit), fetcher.left_s + SHORT_S)
        except TimeoutError:
            visit.cause = Cause.DEADLINE
        except _browser_errors() as error:
            failure = _first_line(error)
        if visit.error is not None:
            raise visit.error
        if visit.cause is not None or failure:
            self._kill()  # it hangs, or takes too much: the next page gets another one
            self._browser = None
        return visit.describe(failure)

    async def _visit(self, visit: "_PageVisit") -> None:
        if self._browser is None or not self._browser.is_connected():
            await self._start()
        watching = asyncio.ensure_future(self._watch(visit))
        try:
            async with asyncio.timeout(visit.fetcher.left_s):
                await visit.go(self._browser)
        finally:
            watching.cancel()

    async def _start(self) -> None:
        from playwright.async_api import async_playwright

        if self._playwright is None:
            self._playwright = await async_playwright().start()
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=self._program,
                chromium_sandbox=os.geteuid() != 0,  # Chromium has none for root
                proxy={"server": NOWHERE},
                args=list(ARGUMENTS),
                env={**os.environ, "RENVOIS_BROWSER": self._mark},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except _browser_errors() as error:
            raise BrowserError(
                message("error.browser.not-started", error=_first_line(error)),
                where=Path(self._program),
                hint=message("hint.try-browser"),
            ) from error

    async def _stop(self) -> None:
        with contextlib.suppress(*_browser_errors()):
            if self._browser is not None:
                await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _watch(self, visit: "_PageVisit") -> None:
        """End the browser when its processes take more memory than they may."""
        while True:
            await asyncio.sleep(0.5)
            taken = await self._loop.run_in_executor(None, self._measure_memory)
            if taken > self._policy.max_memory:
                visit.cause = Cause.TOO_LARGE
                visit.detail = f"the browser took {taken:,} bytes of memory"
                self._kill()
                return

    def _measure_memory(self) -> int:
        return sum(map(_read_memory, _list_processes(self._mark)))

    def _kill(self) -> None:
        for pid in _list_processes(self._mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _run(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise


@dataclass  # without slots: Playwright writes attributes of its own on it
class _PageVisit:
    """One page in a profile of its own: answers its requests, waits for it, reads it."""

    url: str
    fetcher: PartFetcher
    policy: BrowserPolicy
    loop: asyncio.AbstractEventLoop
    executor: ThreadPoolExecutor
    cause: Cause | None = None
    detail: str = ""
    final_url: str = ""
    markup: str = ""
    image: bytes = b""
    print: bytes = b""
    error: Exception | None = None  # of the archive, in a thread that fetched
    context: Any = None  # the profile of this page alone
    page: Any = None
    pending: int = 0
    last_request_at: float = 0.0
    parts: list[PagePart] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def describe(self, failure: str) -> BrowserPage:
        """Give what came of it."""
        cause = self.cause if self.cause or self.markup else Cause.BAD_RESPONSE
        return BrowserPage(
            final_url=self.final_url or self.url,
            markup=self.markup.encode("utf-8", "replace"),
            image=self.image,
            print=self.print,
            cause=cause,
            detail=self.detail or (failure if not self.markup else ""),
            parts=tuple(self.parts),
            refused=tuple(sorted(self.refused.items())),
        )

    async def go(self, browser: Any) -> None:
        """Open the page and read it."""
        self.context = context = await browser.new_context(
            service_workers="allow",  # what they ask for is intercepted as well
            accept_downloads=False,
            locale=self.policy.language,
            user_agent=self.policy.user_agent or None,
            viewport={"width": WIDTH, "height": 900},
        )
        try:
            await context.add_init_script(_read_script("prepare"))
            await context.route("**/*", self._answer)
            await context.route_web_socket("**/*", self._refuse_socket)
            self.page = page = await context.new_page()
            context.on("page", lambda other: asyncio.ensure_future(self._refuse_popup(other)))
            page.on("download", lambda _: self.refused.update(["download"]))
            with contextlib.suppress(*_browser_errors()):  # the page may go elsewhere meanwhile
                await page.goto(self.url, wait_until="domcontentloaded", timeout=self._left_ms())
            await self._settle(page)
            await self._scroll(page)
            await self._read(page)
        finally:
            with contextlib.suppress(*_browser_errors()):
                await context.close()

    # --- requests

    async def _answer(self, route: Any, request: Any) -> None:
        """Answer a request by what the fetcher brings; the page may be gone by then."""
        kind = request.resource_type
        if why := self._refuse(request):
            self.refused[why] += 1
            with contextlib.suppress(*_browser_errors()):
                await route.abort("blockedbyclient")
            return
        self.pending += 1
        try:
            part = await self._fetch(request)
            if part.is_left:
                self.refused["left"] += 1
            elif kind == MEDIA and part.cause is Cause.TOO_LARGE:
                self.refused["media too large"] += 1
            else:
                self.parts.append(part)
            with contextlib.suppress(*_browser_errors()):
                await self._fulfill(route, request, part)
        except InterruptedWaitError:
            self.cause = Cause.DEADLINE
        except Exception as error:  # noqa: BLE001 - raised by `capture`, in the caller's thread
            self.error = error
        finally:
            self.pending -= 1
            self.last_request_at = time.monotonic()

    def _refuse(self, request: Any) -> str:
        """Say in a word why a request is not answered; "" where it is."""
        kind: str = request.resource_type
        if kind in REFUSED_TYPES or (kind == MEDIA and not self.fetcher.takes_media):
            return kind
        if request.method in METHODS:
            return ""
        if request.method != POST:
            return str(request.method)
        asking = [self.page.url]
        with contextlib.suppress(*_browser_errors()):  # a service worker is in no frame
            asking.append(request.frame.url)
        why = self.fetcher.refuse_posted(request.url, _read_posted(request), *asking)
        return f"{POST} ({why})" if why else ""

    async def _fetch(self, request: Any) -> PagePart:
        headers = {n: v for n, v in request.headers.items() if n.lower() in SENT_FIELDS}
        before: list[Any] = []
        with contextlib.suppress(*_browser_errors()):  # the page may be gone by now
            before = await self.context.cookies()
        jar = self.fetcher.open_cookies(before)
        fetch = partial(
            self.fetcher.fetch,
            headers=headers,
            method=request.method if request.method in METHODS else "GET",
            cookies=jar,
            is_media=request.resource_type == MEDIA,
            posted=_read_posted(request) if request.method == POST else None,
        )
        part = await self.loop.run_in_executor(self.executor, fetch, request.url)
        if came := self.fetcher.list_set_cookies(jar, before):
            with contextlib.suppress(*_browser_errors()):  # one that the browser does not take
                await self.context.add_cookies(came)
        return part

    async def _fulfill(self, route: Any, request: Any, part: PagePart) -> None:
        is_cut = request.resource_type == MEDIA and part.cause is not None
        if part.status is None or part.is_left or is_cut or 300 <= part.status < 400:
            await route.abort("failed")
            return
        if part.final_url != request.url and (leading := _lead_to(request, part.final_url)):
            content_type, body = leading
            await route.fulfill(status=200, content_type=content_type, body=body)
            return
        headers = {n: v for n, v in part.headers if n.lower() not in CODING_FIELDS}
        await route.fulfill(status=part.status, headers=headers, body=part.payload)

    async def _refuse_socket(self, socket: Any) -> None:
        self.refused["websocket"] += 1
        await socket.close()

    async def _refuse_popup(self, other: Any) -> None:
        self.refused["popup"] += 1
        with contextlib.suppress(*_browser_errors()):
            await other.close()

    # --- waiting

    def _left_ms(self) -> float:
        return max(1.0, 1_000 * self.fetcher.left_s)

    @property
    def _has_time(self) -> bool:
        """Tell whether there is time to wait: a quarter of it is for reading what is there."""
        return self.fetcher.left_s > min(SHORT_S, self.fetcher.max_s / 4)

    async def _settle(self, page: Any, quiet_s: float = QUIET_S) -> None:
        """Wait until nothing was asked and nothing was written for a moment, no timer set."""
        began = changed_at = time.monotonic()
        length = -1
        while self._has_time and (time.monotonic() - began < MAX_SETTLING_S or self.pending):
            await asyncio.sleep(POLL_S)
            found = await self._measure(page)
            now = time.monotonic()
            if found != length or self.pending or await self._waits(page):
                length, changed_at = found, now
            if now - max(changed_at, self.last_request_at) >= quiet_s:
                return

    async def _measure(self, page: Any) -> int:
        """Count the letters of a page; -1 where it is just going elsewhere."""
        with contextlib.suppress(*_browser_errors()):
            return int(await page.evaluate(_read_script("measure")))
        return -1

    async def _waits(self, page: Any) -> bool:
        """Tell whether a frame waits for one of the timers of its first seconds."""
        for frame in page.frames[:MAX_FRAMES]:
            with contextlib.suppress(TimeoutError, *_browser_errors()):
                async with asyncio.timeout(QUIET_S):  # a frame may hang by itself
                    if await frame.evaluate(_read_script("waits")):
                        return True
        return False

    async def _scroll(self, page: Any) -> None:
        """Go down to the end, as long as it brings more, then back.

        At an end there is a longer wait: some pages ask for more once nobody scrolls any more.
        """
        is_at_end = False
        for _ in range(MAX_SCROLLS):
            with contextlib.suppress(*_browser_errors()):
                was_at_end, is_at_end = is_at_end, await page.evaluate(_read_script("scroll"))
                if not self._has_time or (was_at_end and is_at_end):
                    break
            await self._settle(page, QUIET_S if is_at_end else 2 * POLL_S)
        with contextlib.suppress(*_browser_errors()):
            await page.evaluate("window.scrollTo(0, 0)")

    # --- reading

    async def _read(self, page: Any) -> None:
        """Read the text of a page and of its frames; print it, and take its image."""
        if self.policy.hides_banners:
            await page.add_style_tag(content=f"{BANNERS} {{ display: none !important }}")
            await page.evaluate(_read_script("remove"), BANNERS)
        self.final_url = page.url
        number_by_frame = await _number_frames(page)
        markup = await page.main_frame.evaluate(_read_script("serialize"), True)
        for frame, number in number_by_frame:
            inner = ""
            with contextlib.suppress(*_browser_errors()):
                inner = await frame.evaluate(_read_script("serialize"), False)
            there = html.escape(frame.url, quote=True)
            place = f'<section data-frame="{number}"></section>'
            markup = markup.replace(place, f'<section cite="{there}">{inner}</section>')
        self.markup = markup
        with contextlib.suppress(*_browser_errors()):  # the text is there: it is what counts
            self.image = await _take_image(page)
            self.print = await page.pdf(print_background=True)


async def _number_frames(page: Any) -> list[tuple[Any, int]]:
    """Give a number to each frame that is large enough to be read, outer ones first."""
    found = []
    for number, frame in enumerate(page.frames[1:], start=1):
        with contextlib.suppress(*_browser_errors()):
            element = await frame.frame_element()
            box = await element.bounding_box() or {"width": 0, "height": 0}
            if box["width"] >= MIN_FRAME[0] and box["height"] >= MIN_FRAME[1]:
                await element.evaluate("(e, n) => e.setAttribute('data-frame', n)", number)
                found.append((frame, number))
    return found


def _lead_to(request: Any, url: str) -> tuple[str, str] | None:
    """Make a page or a style that leads where a request was redirected; None for all else.

    An answer that redirects would lead past the interception. What is relative in a page or in a
    style is relative to where it was found; in nothing else.
    """
    if request.is_navigation_request():
        there = html.escape(url, quote=True)
        page = f'<meta http-equiv="refresh" content="0;url={there}">'
        return "text/html; charset=utf-8", page
    if request.resource_type == STYLE:
        there = url.replace("\\", "\\\\")  # no URL holds a quotation mark (WHATWG URL)
        return "text/css; charset=utf-8", f'@import url("{there}");'
    return None


def _read_posted(request: Any) -> Posted:
    """Read what a request posts."""
    media_type = next((v for n, v in request.headers.items() if n.lower() == "content-type"), "")
    return Posted(media_type=media_type, payload=request.post_data_buffer or b"")


async def _take_image(page: Any) -> bytes:
    height = min(MAX_HEIGHT, int(await page.evaluate("document.documentElement.scrollHeight")))
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": max(height, 1)}
    taken = await page.screenshot(
        full_page=True, clip=clip, type="jpeg", quality=60, timeout=1_000 * SHORT_S
    )
    return bytes(taken)


def _read_script(name: str) -> str:
    """Read one of the functions that run in a page."""
    text = resources.files("indexer.capture").joinpath(SCRIPTS).read_text("utf-8")
    return text.partition(f"// --- {name}\n")[2].partition("\n// --- ")[0]


def _browser_errors() -> tuple[type[Exception], ...]:
    """Name what Playwright raises: a page is gone, a browser died, a time is over."""
    from playwright.async_api import Error

    return (Error,)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


# --- processes


def _list_processes(mark: str) -> list[int]:
    """List the processes that bear a mark in their environment, and those below them."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            if mark.encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
    for pid in sorted(parents):
        if parents[pid] in found:
            found.add(pid)
    return sorted(found)


def _read_memory(pid: int) -> int:
    """Read how many bytes a process takes, with its part of what it shares; 0 when gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii", "replace").splitlines()
        told = next((line.split()[1] for line in lines if line.startswith("Pss:")), "0")
        return 1_024 * int(told)
    return 0
