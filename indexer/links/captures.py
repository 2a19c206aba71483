"""Choose among the captures of a link those that show the text cited, not what came in its place.

A page that says "not found" with 200, a parked domain or a front page is captured like any other;
none of them is the copy that replaces the text, nor the text to index. Captures are in the order
of the visits. `seen` is what was observed last of each capture, `kinds` the kind of page that each
memento was read as, both by record id; what is in neither counts as good.
"""

from collections.abc import Iterable, Mapping, Sequence

from indexer.links.finding import shows_text, weigh
from indexer.model import Capture, Observation, PageKind


def index_observations(history: Iterable[Observation]) -> Mapping[str, Observation]:
    """Index observations, oldest first, by the record of their capture: the last one of each."""
    return {each.record_id: each for each in history if each.record_id}


def list_good_captures(
    captures: Iterable[Capture], seen: Mapping[str, Observation], kinds: Mapping[str, PageKind]
) -> list[Capture]:
    """List the captures that show the text; archives keep error pages too, and those are none."""
    return [each for each in captures if _is_good(each, seen, kinds)]


def choose_capture_to_index(
    captures: Sequence[Capture],
    latest: Capture,
    seen: Mapping[str, Observation],
    kinds: Mapping[str, PageKind],
) -> Capture | None:
    """Choose the capture to index: the newest that shows the text, else the newest memento.

    Without either, `latest`, unless it counts towards a death: that is no text of ours.
    """
    good = list_good_captures(captures, seen, kinds)
    live = [each for each in good if not each.archive]
    if latest in good:
        return latest
    if live:
        return live[-1]  # in the order of the visits, whatever a clock said
    if good:
        return max(good, key=lambda each: each.captured_at)
    observation = seen.get(latest.record_id)
    return None if observation is not None and weigh(observation).strikes else latest


def _is_good(
    capture: Capture, seen: Mapping[str, Observation], kinds: Mapping[str, PageKind]
) -> bool:
    if capture.archive:
        return kinds.get(capture.record_id) is not PageKind.SOFT_ERROR
    observation = seen.get(capture.record_id)
    return observation is None or shows_text(observation)
