"""The forms of the compose page: how a draft begins, and all that an officer may write on one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Handling, Portion, Purpose, Tlp
from amana.domain.passages import tidy
from amana.domain.report import Content, Kind
from amana.domain.statement import Nature, Statement
from amana.domain.vocabulary import Category
from amana.services.drafting import SIMPLE_KINDS, NewStatement, Revision, Said
from amana.web.forms import MarkingForm
from amana.web.numbers import number_in
from amana.web.words import word
from amana.web.words_compose import ERASE

_TLP = [(str(one), str(one)) for one in Tlp]
LANGUAGES = [
    ("", _("As the words show")),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("ar", "العربية"),
    ("en", "English"),
    ("es", "Español"),
    ("und", _("Another language")),
]
LONGEST = 2_000_000
STAYS = "-"  # chosen where a statement goes to nobody; no node is called so


class StartForm(forms.Form):
    """A file or words, and the marking under which they are kept from the first moment."""

    template_name = "components/form.html"
    title = forms.CharField(label=_("Title"), max_length=1000, required=False)
    tlp = forms.ChoiceField(label=_("Marking"), choices=_TLP, initial=str(Tlp.AMBER_STRICT))
    file = forms.FileField(label=_("File"), required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 10, "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two, not both: a draft has one beginning."""
        given = super().clean() or self.cleaned_data
        has_words = bool((given.get("text") or "").strip())
        if not self.errors and has_words == bool(given.get("file")):
            raise forms.ValidationError(
                _("Choose a file or write a text, one of the two: the other can be added to the draft.")
                if has_words
                else _("Drop a file or write a few words to begin with.")
            )
        return given


class ComposeForm(MarkingForm):
    """Words, grade and handling of a draft; anything may still be missing, since a draft may be kept at any time."""

    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 16, "dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    regrade = forms.BooleanField(label=_("Give this grade to all statements"), required=False)

    def __init__(self, *args: Any, partners: list[tuple[str, str]], content: Content, look: Purpose, **kw: Any) -> None:
        if not args or args[0] is None:
            kw["initial"] = _initial(content) | kw.pop("initial", {})
        super().__init__(*args, partners=partners, **kw)
        self.look = look
        self.kept = content
        for name in ("title", "purposes", "crime_areas", "erase_by"):
            self.fields[name].required = False
        for name in ("source", "information", "tlp"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.widget = forms.RadioSelect()
            field.widget.choices = field.choices
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)
        simple = SIMPLE_KINDS if content.kind in SIMPLE_KINDS else (content.kind,)
        kinds.choices = [(str(one), word("kind", one)) for one in simple]
        self.fields["title"].widget.attrs["dir"] = "auto"
        self.fields["erase_by"].help_text = ERASE
        recipients = self.fields["recipients"]
        assert isinstance(recipients, forms.MultipleChoiceField)
        known = {node for node, _words in partners}
        gone = [(node, node) for node in sorted(content.handling.releasable_to) if node not in known]
        recipients.choices = [*partners, *gone]
        kept = {node for one in content.statements if one.handling for node in one.handling.releasable_to or ()}
        more = kept - known - content.handling.releasable_to
        self.nodes = [*partners, *gone, *((node, node) for node in sorted(more))]  # for whom alone a statement may be
        self.known = frozenset(node for node, _words in self.nodes)

    def clean_purposes(self) -> list[str]:
        """Refuse what would put the draft out of its writer's own sight."""
        chosen: list[str] = self.cleaned_data["purposes"]
        if chosen and str(self.look) not in chosen:
            raise forms.ValidationError(
                _("You look for the purpose of “%(purpose)s”; without it you could not see this draft any more."),
                params={"purpose": word("purpose", self.look)},
            )
        return chosen

    def handling(self) -> Handling:
        """The marking that was chosen; what the page does not show stays as it was."""
        chosen, kept = super().handling(), self.kept.handling
        return replace(chosen, review_by=kept.review_by, foreign=kept.foreign)

    def evaluation(self) -> Evaluation:
        """The grade that was chosen; a partner's own grade stays as long as ours does."""
        chosen = super().evaluation()
        kept = self.kept.evaluation
        same = (kept.source, kept.information, kept.as_of) == (chosen.source, chosen.information, chosen.as_of)
        return kept if same else chosen

    def revision(self, typed: QueryDict, deed: str) -> Revision:
        """All that stands on the page, as one revision; `deed` may remove a statement or an entity."""
        given = self.cleaned_data
        verb, _colon, what = deed.partition(":")
        gone = frozenset({what}) if verb == "remove" else frozenset()
        gone_entities = frozenset({what}) if verb == "remove-entity" else frozenset()
        return Revision(
            edition=given["edition"] or 0,
            title=given["title"],
            text=given["text"],
            language=given["language"],
            kind=Kind(given["kind"]),
            evaluation=self.evaluation(),
            handling=self.handling(),
            crime_areas=self.chosen_areas(),
            categories=dict(_categories(self.kept, typed)),
            said={one.id: said for one in self.kept.statements if (said := self._said(one, typed)) is not None},
            added=self._added(typed),
            removed=gone,
            removed_entities=gone_entities,
            regrade=given["regrade"],
        )

    def _said(self, one: Statement, typed: QueryDict) -> Said | None:
        """How a statement is to stand, where the page shows it; None where nothing of it was changed."""
        value = typed.get(f"st-{one.id}-value")
        if value is None:
            return None
        grade = self._grade(typed, f"st-{one.id}", one.evaluation)
        concluded = one.nature is Nature.ASSESSMENT or f"st-{one.id}-assessment" in typed
        nature = Nature.ASSESSMENT if concluded else Nature.FACT
        said = Said(tidy(value), grade, nature, portion_in(typed, f"st-{one.id}", self.known))
        return None if said == Said(one.value, one.evaluation, one.nature, one.handling) else said

    def _grade(self, typed: QueryDict, field: str, kept: Evaluation) -> Evaluation:
        source, information = typed.get(f"{field}-source", ""), typed.get(f"{field}-information", "")
        if source not in set(Source) or information not in set(Information):
            return kept
        if (source, information) == (kept.source, kept.information):
            return kept
        return Evaluation(Source(source), Information(information), self.cleaned_data["as_of"])

    def _added(self, typed: QueryDict) -> tuple[NewStatement, ...]:
        value = typed.get("new-value", "").strip()
        if not value:
            return ()
        entity = typed.get("new-entity", "")
        schema = entity.removeprefix("new:") if entity.startswith("new:") else ""
        at = typed.get("new-at", "")
        concluded = "new-assessment" in typed
        nature = Nature.ASSESSMENT if concluded else Nature.FACT
        said = Said(value, self.evaluation(), nature, portion_in(typed, "new", self.known))
        return (
            NewStatement(
                property=typed.get("new-property", ""),
                said=said,
                entity="" if schema else entity,
                schema=schema,
                passage=typed.get("new-passage", ""),
                at=number_in(at) or 0,
            ),
        )


def portion_in(typed: QueryDict, field: str, known: frozenset[str]) -> Portion | None:
    """What a statement's own marking adds, as chosen on the page among `known` nodes; None where it adds nothing."""
    only, caveats = frozenset(typed.getlist(f"{field}-only")), tidy(typed.get(f"{field}-caveats", ""))
    portion = Portion(
        codes=frozenset(Code(one) for one in typed.getlist(f"{field}-codes") if one in set(Code)),
        caveats=frozenset(line.strip() for line in caveats.splitlines() if line.strip()),
        releasable_to=only & known if only else None,  # `STAYS` is no node, so it leaves nobody
    )
    return None if portion == Portion() else portion


def _categories(content: Content, typed: QueryDict) -> list[tuple[str, tuple[Category, str]]]:
    """The categories that were chosen on the page for the draft's people, where they changed."""
    found = []
    for one in content.entities:
        chosen = typed.get(f"category-{one.id}", "")
        if one.category is None or chosen not in set(Category):
            continue
        grounds = typed.get(f"grounds-{one.id}", "").strip()[:10_000]
        if (one.category, one.grounds) != (Category(chosen), grounds):
            found.append((one.id, (Category(chosen), grounds)))
    return found


def _initial(content: Content) -> dict[str, object]:
    return {
        "title": content.title,
        "text": content.text,
        "language": content.language,
        "kind": str(content.kind),
        "source": str(content.evaluation.source),
        "information": str(content.evaluation.information),
        "as_of": content.evaluation.as_of,
        "tlp": str(content.handling.tlp),
        "codes": sorted(map(str, content.handling.codes)),
        "recipients": sorted(content.handling.releasable_to),
        "purposes": sorted(map(str, content.handling.purposes)),
        "crime_areas": sorted(map(str, content.crime_areas)),
        "erase_by": content.handling.erase_by,
        "caveats": "\n".join(sorted(content.handling.caveats)),
    }
