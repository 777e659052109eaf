"""What a clever reader could infer: each hint with its evidence and weakness, and none without a ground."""

from __future__ import annotations

from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.report import Original
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.records.models import Report, User
from amana.services import composing, drafting, inferring, releases, reports
from amana.services.contents import content_of
from amana.services.drafting import Revision
from tests.counterpart import Counterpart
from tests.services.test_composing import shown
from tests.services.test_exchange import drafted, released


def hints(row: Report, node: str = "washington") -> dict[str, tuple[str, ...]]:
    row.refresh_from_db()
    found = inferring.hints_for(inferring.ground_of(row, content_of(row), by=User.objects.get(username="alice")), node)
    assert all(one.evidence and str(one.claim) and str(one.weakness) for one in found)
    return {one.code: one.evidence for one in found}


def test_a_plain_report_of_a_large_desk_gives_nothing_away(alice: User, washington: Counterpart) -> None:
    from tests.conftest import officer

    for name in ("amina", "driss", "hiba"):
        officer(name, "author")
    assert hints(drafted(alice, "washington")) == {}


def test_few_possible_authors_are_told(alice: User, washington: Counterpart) -> None:
    assert hints(drafted(alice, "washington")) == {"few-authors": ("1",)}


def test_an_informants_name_in_the_text_is_the_gravest(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington", entities=[Entity("e1", "Person", Category.INFORMANT)])
    assert next(iter(hints(row).items())) == ("source-named", ("Yassine Berrada",))


def test_our_own_officer_in_the_text_is_told(alice: User, omar: User, washington: Counterpart) -> None:
    User.objects.filter(pk=omar.pk).update(first_name="Omar", last_name="Kettani")
    row = drafted(alice, "washington", text="Yassine Berrada spoke with Omar KETTANI.")
    assert hints(row)["officer-named"] == ("Omar Kettani",)


def test_another_recipient_in_the_text_is_told_to_who_reads_of_it(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    row = drafted(alice, "washington", "paris", text="Yassine Berrada left for Paris.")
    assert hints(row)["recipient-named"] == ("paris",)
    assert "recipient-named" not in hints(row, "paris")
    assert hints(row)["same-number"][0] == str(row.uid)


def test_a_cut_statement_whose_words_still_stand_in_the_text_is_told(
    alice: User, omar: User, washington: Counterpart
) -> None:
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    drafting.revise_draft(row.uid, Revision(removed=frozenset({"s1"})), by=alice)
    found = hints(row)
    assert found["passage-stands"] == ("Yassine Berrada",)
    assert "earlier-version" in found
    drafting.revise_draft(row.uid, Revision(text="A man met an unknown man."), by=alice)
    assert "passage-stands" not in hints(row)


def test_who_was_removed_while_others_still_speak_of_them_is_told(
    alice: User, omar: User, washington: Counterpart
) -> None:
    grade = Evaluation(Source.B, Information.CORROBORATED, timezone.localdate())
    entities = [Entity("e1", "Person", Category.SUSPECT), Entity("e2", "Person", Category.CONTACT)]
    statements = [
        Statement("s1", "e1", "Person", "name", "Yassine Berrada", Nature.FACT, grade),
        Statement("s2", "e2", "Person", "name", "Hamid Zerouali", Nature.FACT, grade),
        Statement("s3", "e1", "Person", "summary", "Drives for Hamid Zerouali.", Nature.FACT, grade),
    ]
    first = drafted(alice, "washington", text="Two men.", entities=entities, statements=statements)
    releases.propose_release(first.uid, by=alice)
    releases.release_report(first.uid, by=omar)
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    drafting.revise_draft(row.uid, Revision(removed_entities=frozenset({"e2"})), by=alice)
    assert hints(row)["one-of-a-pair"] == ("Hamid Zerouali",)


def test_a_recipient_that_never_had_the_first_version_learns_that_there_was_one(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    first = released(alice, omar, "washington")
    row = reports.correct_report(first.uid, reason="wrong", by=alice)
    assert "never-first" in hints(row, "paris")


def test_the_original_and_rejected_words_are_told(alice: User, washington: Counterpart) -> None:
    text = "The container CSQU3054383 left Casablanca. "
    row = drafted(
        alice, "washington", text=text, entities=[], statements=[], originals=[Original("a" * 64, 7, "text/plain")]
    )
    offers = composing.offers_of(row, shown(row, alice))
    composing.drop_offers(row.uid, [one.key for one in offers if "CSQU" in one.value], by=alice)
    found = hints(row)
    assert found["same-file"] == ("a" * 64,)
    assert found["rejected-stands"] == ("CSQU3054383",)
