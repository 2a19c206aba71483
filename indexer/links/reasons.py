"""Say in French why a link is how it is, and why it is not counted dead."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.links.answers import Answer, Finding
from indexer.links.course import Course
from indexer.links.drift import Change, Drift
from indexer.links.wording import (
    NBSP,
    NNBSP,
    render_count,
    render_date,
    render_sentence,
    render_share,
)
from indexer.model import Cause, LinkState, Observation

# After failures, a page in which something is not right: neither a death nor a return.
_UNSURE: Final = "une page répond, sans qu’on sache si c’est bien ce texte"


def render_reason(course: Course, last: Observation, finding: Finding) -> str:
    """Why the link is how it is, in one or two sentences."""
    if course.state is LinkState.DEAD:
        return _reason_of_death(course, finding)
    sentence = render_sentence(finding.clause)
    if finding.is_doubtful and course.strikes and course.failing_since is not None:
        return f"{render_sentence(_UNSURE)} En échec depuis le {render_date(course.failing_since)}."
    if finding.answer is Answer.ALIVE:
        return render_sentence(finding.clause + _change_clause(last))
    if finding.answer is Answer.BLOCKED:
        return f"{sentence[:-1]}{NBSP}: on ne peut pas savoir, et ce n’est pas un lien mort."
    if finding.answer in (Answer.SICK, Answer.FAILED) and course.failing_since is not None:
        return f"{sentence} En échec depuis le {render_date(course.failing_since)}."
    return sentence


def _reason_of_death(course: Course, finding: Finding) -> str:
    first, last = course.strikes[0][0], course.strikes[-1][0]
    count = render_count(len(course.strikes), "vérification")
    reason = (
        f"{render_sentence(course.why_dead)[:-1]}{NBSP}: constaté lors de {count}, "
        f"du {render_date(first)} au {render_date(last)}."
    )
    if not finding.strikes:
        clause = _UNSURE if finding.is_doubtful else finding.clause
        reason += f" À la dernière visite, {clause}{NBSP}: cela n’y change rien."
    return reason


def _change_clause(last: Observation) -> str:
    if last.cause is Cause.TOO_LARGE:
        return ", mais dépasse la taille que nous gardons"
    if last.cause is not None:
        return ", mais n’est pas arrivée en entier"
    change = change_of(last)
    clause = _CHANGE_CLAUSES[change] if change else ""
    return clause.replace("{share}", render_share(last.similarity or 0.0))


_CHANGED: Final = f"{NNBSP}; son texte a changé ({{share}} en commun avec le premier texte capturé)"
_CHANGE_CLAUSES: Final[Mapping[Change, str]] = MappingProxyType(
    {
        Change.UNCHANGED: f"{NBSP}: c’est toujours le même texte",
        Change.EXTENDED: f"{NNBSP}; son texte a été augmenté",
        Change.CUT: f"{NNBSP}; il n’en reste que le début, sans doute derrière un péage",
        Change.REVISED: _CHANGED,
        Change.REWRITTEN: _CHANGED,
        Change.OTHER: f"{NNBSP}; son texte n’est plus celui qui a été capturé d’abord "
        "({share} en commun)",
    }
)


def change_of(last: Observation) -> Change | None:
    """The word for the change; without the lengths, what is known of it measures the cut."""
    if last.similarity is None:
        return None
    kept, known = last.kept or 0.0, last.known or 0.0
    # From J = c/|A∪B|, kept = c/|A| and known = c/|B| follows |B|/|A| = kept/known.
    ratio = kept / known if known else 0.0
    return Drift(similarity=last.similarity, kept=kept, known=known, length_ratio=ratio).change


def render_why_not_dead(course: Course, finding: Finding) -> str:
    """What speaks against a death; "" for a dead link."""
    if course.state is LinkState.SICK:
        return _why_only_sick(course, finding)
    return _WHY_NOT_DEAD[course.state]


_WHY_NOT_DEAD: Final[Mapping[LinkState, str]] = MappingProxyType(
    {
        LinkState.ALIVE: "La page a répondu à la dernière visite.",
        LinkState.MOVED: "La page a répondu à la dernière visite.",
        LinkState.BLOCKED: "Un refus opposé à un robot ne dit rien de la page "
        "qu’un lecteur verrait.",
        LinkState.UNKNOWN: "Rien n’a pu être demandé à cette adresse, donc rien n’est sûr.",
        LinkState.DEAD: "",
    }
)


def _why_only_sick(course: Course, finding: Finding) -> str:
    if finding.is_there and not finding.is_doubtful:
        return "La page elle-même se lit encore."
    if not course.strikes:
        return "Une panne peut passer, et ne compte jamais comme la disparition d’une page."
    first = render_date(course.strikes[0][0])
    return (
        f"Il faut au moins trois constats étalés sur sept jours (un code 410 compte double)"
        f"{NNBSP}; il y en a {len(course.strikes)}, depuis le {first}."
    )
