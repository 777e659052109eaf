"""Why a file is not taken in: one class, one stable code and one sentence for each reason.

Invariant: parameters name limits, types and counts, never a word of the file; codes are never reused.
"""

from __future__ import annotations

from amana.domain.errors import BadInput, Unavailable, gettext_noop


class Refused(BadInput):
    """The file is not taken in; nothing of it was kept."""

    code = "intake-refused"
    sentence = gettext_noop("This file cannot be taken in; nothing of it was kept.")


class EmptyFile(Refused):
    """There is nothing in the file."""

    code = "intake-empty"
    sentence = gettext_noop("The file is empty; check that it was saved or copied completely.")


class TooLarge(Refused):
    """The file has more bytes than the limit."""

    code = "intake-too-large"
    sentence = gettext_noop("The file has more than %(limit)s MiB; split it or take only the part that matters.")


class TooMuchText(Refused):
    """The text, or the number of pages or parts, goes beyond the limit."""

    code = "intake-too-much-text"
    sentence = gettext_noop("The file holds more than %(limit)s %(unit)s; split it or take only the part that matters.")


class NameRefused(Refused):
    """The file's name holds a path or signs that hide what it is."""

    code = "intake-name"
    sentence = gettext_noop("The file's name holds a path or invisible signs; give the file a plain name.")


class UnknownType(Refused):
    """The file is of no kind that is read here."""

    code = "intake-unknown-type"
    sentence = gettext_noop(
        "Files of this kind (%(found)s) are not read; take text, Markdown, HTML, e-mail, PDF or DOCX."
    )


class Mislabelled(Refused):
    """The content is something else than the name says."""

    code = "intake-mislabelled"
    sentence = gettext_noop("The file is named %(named)s but its content is %(found)s; ask its sender what it is.")


class BrokenFile(Refused):
    """The file is truncated or malformed."""

    code = "intake-broken"
    sentence = gettext_noop("The file is damaged or incomplete; ask its sender for it again.")


class Encrypted(Refused):
    """The file needs a password."""

    code = "intake-encrypted"
    sentence = gettext_noop("The file is protected by a password; ask its sender for an open version.")


class ArchiveBomb(Refused):
    """The archive would grow beyond reason, or its entries overlap."""

    code = "intake-archive-bomb"
    sentence = gettext_noop(
        "The file would unpack to far more than it is, as an attack does; do not open it by other means."
    )


class ArchiveNames(Refused):
    """The archive names paths outside itself, the same entry twice, or links."""

    code = "intake-archive-names"
    sentence = gettext_noop(
        "The file holds entries with forbidden or repeated names, as an attack does; do not open it."
    )


class Macros(Refused):
    """The document carries macros."""

    code = "intake-macros"
    sentence = gettext_noop("The document carries macros; ask its sender for a version without.")


class ActiveContent(Refused):
    """The document would run, load or start something."""

    code = "intake-active-content"
    sentence = gettext_noop("The document would run or load something (%(what)s); ask its sender for a plain version.")


class Entities(Refused):
    """The document declares entities of its own, as an entity bomb or a theft of files does."""

    code = "intake-entities"
    sentence = gettext_noop(
        "The document declares entities of its own, which are used for attacks; ask for a plain version."
    )


class Nesting(Refused):
    """Parts lie in parts beyond the limit."""

    code = "intake-nesting"
    sentence = gettext_noop("The file is nested more than %(limit)s levels deep; ask its sender for a plain version.")


class WrongEncoding(Refused):
    """The characters cannot be read without guessing."""

    code = "intake-encoding"
    sentence = gettext_noop("The file's characters cannot be read with certainty; save it as UTF-8 and try again.")


class NoText(Refused):
    """The file has no readable text, for example a scan."""

    code = "intake-no-text"
    sentence = gettext_noop(
        "There is no text in the file; if it is a scan or a picture, have its text recognised first."
    )


class TimedOut(Refused):
    """Reading took longer than the limit."""

    code = "intake-timeout"
    sentence = gettext_noop(
        "Reading the file took more than %(limit)s seconds and was stopped; ask for a simpler version."
    )


class OutOfMemory(Refused):
    """Reading needed more memory than the limit."""

    code = "intake-memory"
    sentence = gettext_noop(
        "Reading the file needed more than %(limit)s MiB of memory and was stopped; ask for a simpler version."
    )


class ReaderCrashed(Refused):
    """The reader died on this file, inside its child process."""

    code = "intake-crashed"
    sentence = gettext_noop(
        "The reader broke on this file and was stopped; treat the file with care and ask for another version."
    )


class ReaderUnavailable(Unavailable):
    """The child process cannot be started on this machine now."""

    code = "intake-reader"
    sentence = gettext_noop("The reader of files cannot be started right now; nothing was lost, ask the operator.")


BY_CODE: dict[str, type[Refused]] = {one.code: one for one in Refused.__subclasses__()}
