"""Say causes in English, for the log; the catalogues say them to people (`cause.…`)."""

from indexer.messages import open_translator
from indexer.model import Cause


def explain(cause: Cause) -> str:
    """Say what happened, in English, without a full stop."""
    return open_translator("en")(f"cause.{cause.value}")
