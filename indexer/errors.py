"""The tree of our exceptions: all that stops us.

What we expect is a value (an outcome, a `Problem`); what stops us is one of these:

    CorpusError
    ├── SettingsError       a setting that makes no sense
    ├── BibliographyError   no bibliography where one was promised
    ├── WithdrawalError     a list of withdrawn texts that can't be read or written
    ├── SiteRuleError       a site rule that can't be understood: file, line, what
    ├── ArchiveError        a WARC file that can't be read or written
    │   └── DamagedRecordError  one record of it is damaged; the others are not concerned
    ├── CatalogueError      a catalogue that can't be opened or is of another version
    ├── LockedError         somebody else is at work on this corpus
    ├── BrowserError        no browser to capture pages with, or one that does not start
    ├── OfflineError        nothing answers at all; the network is down, not the links
    ├── MeaningError        no model of meaning, or one that does not work; damaged vectors
    └── SearchIndexError
        ├── MissingIndexError   nothing indexed yet
        ├── DamagedIndexError   bytes that nobody wrote, or files that are gone
        └── StaleIndexError     indexed by another version: refused, never misread

Each says what, where, and what to do next, in messages: the printer says them in the language of
whoever reads them, `str()` in English, for logs. A library's exception becomes one of these once,
at that library's only door, `raise … from error`.
"""

from pathlib import Path

from indexer.messages import NOTHING, Message, Translator, message, open_translator


class CorpusError(Exception):
    """Something stops the work.

    `what` is a clause or a sentence, `where` the file or folder it is about, `hint` what to do
    next.
    """

    def __init__(
        self,
        what: Message,
        *,
        where: Path | str | Message | None = None,
        hint: Message = NOTHING,
    ) -> None:
        """Take what happened, where, and what to do next."""
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    @property
    def said(self) -> Message:
        """Give all of it as one message: where, what, then the hint on a line of its own."""
        said = self.what
        if self.where is not None:
            where = self.where if isinstance(self.where, Message) else str(self.where)
            said = message("error.at", where=where, what=said)
        return message("error.hinted", said=said, hint=self.hint) if self.hint else said

    def tell(self, words: Translator) -> str:
        """Say all of it in the language of a translator."""
        return words(self.said)

    def __str__(self) -> str:
        """Say it in English, for logs."""
        return say_for_logs(self.said)


class WrongValueError(ValueError):
    """A value that somebody wrote and that can't be used: `said` is the message that says why."""

    def __init__(self, said: Message) -> None:
        """Take why it can't be used."""
        self.said = said
        super().__init__(said)

    def __str__(self) -> str:
        """Say it in English, for logs."""
        return say_for_logs(self.said)


def join_hints(first: Message, second: Message) -> Message:
    """Join two hints into one, or give the only one that says something."""
    if first and second:
        return message("hint.both", first=first, second=second)
    return first or second


def say_for_logs(said: Message) -> str:
    """Say a message in English, for logs and for those who develop."""
    return open_translator("en")(said)


class SettingsError(CorpusError):
    """A setting that makes no sense."""


class BibliographyError(CorpusError):
    """No bibliography where one was promised."""


class WithdrawalError(CorpusError):
    """A list of withdrawn texts that can't be read or written."""


class SiteRuleError(CorpusError):
    """A rule file that says in no known way how a site's pages are read."""


class ArchiveError(CorpusError):
    """A WARC file that can't be read or written."""


class DamagedRecordError(ArchiveError):
    """One record of a WARC file is damaged; the others are not concerned."""


class CatalogueError(CorpusError):
    """A catalogue that can't be opened, or that another version wrote."""


class LockedError(CorpusError):
    """Somebody else is at work on this corpus."""


class BrowserError(CorpusError):
    """No browser to capture pages with, or one that does not start."""


class OfflineError(CorpusError):
    """Nothing answers at all: the network is down, not the links."""


class MeaningError(CorpusError):
    """No model of meaning can be opened, or what it made of the texts can't be read."""


class SearchIndexError(CorpusError):
    """The index can't be used."""


class MissingIndexError(SearchIndexError):
    """Nothing indexed yet."""


class DamagedIndexError(SearchIndexError):
    """A file of the index is not as it was written: the next `renvois index` builds it again."""


class StaleIndexError(SearchIndexError):
    """Another version, or other settings, wrote this index: refused, never misread."""
