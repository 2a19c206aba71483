"""Fit the weights of `indexer.extract.weighing` on the development pages of WCXB, and print them.

    python -m benchmarks.extract.fitting DIR

A logistic regression over the steps of its table, by Newton's method, with a ridge. The pages are
those that the weights will be asked of: no articles as they declare themselves, whose first
reading is doubtful. A block counts as text when its words stand in the gold in a
row. Every page counts the same, its blocks by their words. The test pages are never read here.
"""

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.extract.layouts import GoldPage, read_wcxb
from indexer.extract.blocks import list_segments, parse_markup, shrink_markup
from indexer.extract.metadata import read_metadata
from indexer.extract.page import drop_stated_bodies, free_social_quotes, is_too_much
from indexer.extract.payload import clean_text, decode_markup
from indexer.extract.readers import key_of, read_by_resiliparse, read_by_trafilatura
from indexer.extract.roles import mark_captions
from indexer.extract.weighing import WEIGHTS, Traits, is_doubtful, list_traits, without_soup

RIDGE: Final = 3.0
ROUNDS: Final = 8
WEIGHT_OF_PAGE: Final = 20.0
LEAST_GOLD: Final = 50  # words; a page with less text than that doesn't count more for it

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class WeighedPage:
    """What is known of the blocks of one page: traits, whether each is text, its words."""

    page: GoldPage
    traits: Sequence[Traits]
    is_text: Sequence[bool]
    words: Sequence[int]


def main() -> None:
    """Read the development pages, fit, print the table."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    pages = list(list_weighed_pages(read_wcxb(Path(sys.argv[1]) / "dev")))
    weights = fit(pages)
    print(f"# {len(pages)} pages\nINTERCEPT: Final = {weights[-1]:.2f}")
    fitted = iter(weights)
    for name, steps in WEIGHTS.items():
        told = ", ".join(f"({least:_}, {next(fitted):.2f})" for least, _ in steps)
        print(f'        "{name}": ({told}{"," if len(steps) == 1 else ""}),')


def list_weighed_pages(pages: Iterator[GoldPage]) -> Iterator[WeighedPage]:
    """Those of the pages that would be weighed."""
    for page in pages:
        markup = clean_text(shrink_markup(decode_markup(page.read_payload())[0]))
        tree = parse_markup(markup)
        if tree is None or is_too_much(markup, tree):
            continue
        if read_metadata(markup, tree, url=page.url).is_article:
            continue
        free_social_quotes(tree)
        drop_stated_bodies(tree)
        mark_captions(tree)
        segments = list_segments(tree)
        wide = read_by_resiliparse(markup)
        base = read_by_trafilatura(tree, segments)
        if not is_doubtful(base, segments):
            continue
        gold = key_of(page.text)
        keys = [key_of(each.paragraph.text) for each in segments]
        yield WeighedPage(
            page=page,
            traits=list_traits(segments, without_soup(base, segments), wide),
            is_text=[key.strip() != "" and key in gold for key in keys],
            words=[len(key.split()) for key in keys],
        )


def fit(pages: Sequence[WeighedPage]) -> Floats:
    """The weights of the table's steps in its order, and the intercept."""
    steps = np.concatenate([encode(page.traits) for page in pages if page.traits])
    is_text = np.concatenate([np.array(page.is_text, float) for page in pages])
    shares = [np.array(page.words, float) for page in pages]
    for share, page in zip(shares, pages, strict=True):
        share /= max(LEAST_GOLD, share @ np.array(page.is_text, float))
    counts = np.concatenate(shares)
    counts *= WEIGHT_OF_PAGE * len(pages) / counts.sum()
    ridge = RIDGE * np.eye(steps.shape[1])
    ridge[-1, -1] = 0.0  # the intercept is free
    weights = np.zeros(steps.shape[1])
    for _ in range(ROUNDS):
        chances = 1 / (1 + np.exp(-steps @ weights))
        slope = steps.T @ (counts * (is_text - chances)) - ridge @ weights
        curve = steps.T @ (steps * (counts * chances * (1 - chances))[:, None]) + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def encode(traits: Sequence[Traits]) -> Floats:
    """A row a block: which steps of the table it has reached, and 1 for the intercept."""
    rows = [
        [*(each[name] >= least for name, steps in WEIGHTS.items() for least, _ in steps), True]
        for each in traits
    ]
    return np.array(rows, float)


if __name__ == "__main__":
    main()
