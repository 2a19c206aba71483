"""Have every page read by one extractor, in a process of its own, so that memory tells."""

import logging
import resource
import signal
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.extract.extractors import EXTRACTORS
from benchmarks.extract.layouts import GoldPage

PAGE_LIMIT_S = 60


@dataclass(frozen=True, kw_only=True)
class Read:
    """What an extractor made of one page."""

    text: str
    cpu_s: float
    peak_kb: int
    failure: str = ""


class TooLongError(Exception):
    """The page took more than a minute."""


def run(name: str, pages: Sequence[GoldPage], *, processes: int) -> list[Read]:
    """Every page read by one extractor, in processes of its own, so that memory tells."""
    jobs = [(name, page) for page in pages]
    with get_context("spawn").Pool(processes, initializer=_prepare, initargs=(name,)) as pool:
        return pool.map(_read, jobs, chunksize=4)


def _prepare(name: str) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    EXTRACTORS[name][0](b"<html><body><p>" + b"Un peu de texte. " * 30, "http://page.example/")


def _read(job: tuple[str, GoldPage]) -> Read:
    name, page = job
    payload = page.read_payload()
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(PAGE_LIMIT_S)
    started = time.process_time()
    text = failure = ""
    try:
        text = EXTRACTORS[name][0](payload, page.url)
    except Exception as error:  # noqa: BLE001 - a page that an extractor cannot read counts as empty
        failure = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu_s = time.process_time() - started
    return Read(text=text, cpu_s=cpu_s, peak_kb=peak_kb, failure=failure)


def _stop(*_: object) -> None:
    raise TooLongError(f"more than {PAGE_LIMIT_S} s")
