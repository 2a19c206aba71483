"""Choose among the captures of a link those that show the text cited, not what came in its place.

A page that says "not found" with 200, a parked domain or a front page is captured like any other;
none of them is the copy that replaces the text, nor the text to index.
"""

from indexer.archive import Catalogue
from indexer.links.finding import shows_text, weigh
from indexer.links.history import LinkHistory
from indexer.model import Capture, Observation, PageKind


def list_good_captures(key: str, *, catalogue: Catalogue, history: LinkHistory) -> list[Capture]:
    """The captures of the URL with that urlkey that show its text, oldest first.

    Archives keep error pages too: a memento that was read as one is left out. What nobody has
    looked at yet is taken for good.
    """
    captures = catalogue.captures(key)
    looked = _look_up(history, key) if captures else {}
    return [each for each in captures if _is_good(each, looked, catalogue)]


def find_capture_to_index(
    key: str, *, catalogue: Catalogue, history: LinkHistory
) -> Capture | None:
    """The capture to read and to index: the newest that shows the text, else a memento.

    Without either, the newest one, unless it counts towards a death: that is no text of ours.
    """
    latest = catalogue.latest_capture(key)
    if latest is None:
        return None
    looked = _look_up(history, key)
    if _is_good(latest, looked, catalogue):
        return latest
    good = [each for each in catalogue.captures(key) if _is_good(each, looked, catalogue)]
    live = [each for each in good if not each.archive]
    if live:
        return live[-1]  # in the order of the visits, whatever a clock said
    if good:
        return max(good, key=lambda each: each.captured_at)
    seen = looked.get(latest.record_id)
    return None if seen is not None and weigh(seen).strikes else latest


def _look_up(history: LinkHistory, key: str) -> dict[str, Observation]:
    """What was said last of each capture, by its record."""
    return {each.record_id: each for each in history.observations(key) if each.record_id}


def _is_good(capture: Capture, looked: dict[str, Observation], catalogue: Catalogue) -> bool:
    if capture.archive:
        article = catalogue.find_article(capture.record_id)
        return article is None or article.kind is not PageKind.SOFT_ERROR
    seen = looked.get(capture.record_id)
    return seen is None or shows_text(seen)
