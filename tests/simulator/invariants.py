"""What has to be true of all nodes after every step, and what once more when everything has healed.

Invariant of this file: it reads the databases with plain SQL and its own arithmetic, never with the code it judges.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from amana.domain.report import State
from tests.simulator.kept import Got, secrets_in
from tests.simulator.watch import Version, require, tree_root

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

ZEROS = "0" * 64
VERSION = "originator = ? AND uid = ? AND version = ?"
# What a holder passed on in good faith may meet its end on the way.
TOO_LATE = "('relay-ended', 'consent-expired')"
LEFT_OVER = {
    "a statement": "records_statement WHERE report_id = ?",
    "a name": "records_entityname WHERE report_id = ?",
    "an entity": "records_reportentity WHERE report_id = ?",
    "its body": "records_message WHERE report_id = ? AND (body IS NOT NULL OR body_key IS NOT NULL)",
    "a draft built on it": (
        "records_report_built_on b JOIN records_report r ON r.id = b.from_report_id"
        " WHERE b.to_report_id = ? AND r.state IN ('draft', 'awaiting-release')"
    ),
    "something built on it that has left without a flag": (
        "records_report_built_on b JOIN records_report r ON r.id = b.from_report_id"
        " JOIN records_report source ON source.id = b.to_report_id"
        " WHERE b.to_report_id = ? AND r.state = 'released' AND NOT EXISTS (SELECT 1 FROM records_flag f"
        " WHERE f.report_id = r.id AND f.what = 'recalled' AND f.source_uid = source.uid)"
    ),
}


def always(world: World) -> None:
    """Every promise that holds at any time, at each node that wrote something."""
    for node in world.nodes.values():
        if node.changed():
            node.look()
            for check in (log_is_its_entries, links_have_no_gap, nothing_leaves_unlogged, nothing_is_used_after_recall):
                check(node)
            nothing_kept_is_held(world, node)
    acknowledged_is_kept(world)


def at_the_end(world: World) -> None:
    """Every promise that holds once the network has healed and everything has arrived."""
    for node in world.nodes.values():
        for check in (checkpoints_are_of_this_log, nobody_is_silent, nothing_waits_in_quarantine):
            check(node)
    everybody_agrees(world)
    what_was_released_has_arrived(world)
    recalled_is_held_nowhere(world)
    words_lie_only_where_they_may(world)
    acknowledged_is_kept(world, again=True)


def log_is_its_entries(node: SimNode) -> None:
    """The log's head counts its entries, and the stored tree is the tree over them."""
    ((size, settled),) = node.rows("SELECT size, settled FROM records_loghead")
    require(size == len(node.watch.leaves), f"{node.name}: the head says {size} of {len(node.watch.leaves)} entries")
    stored = node.tree_root(settled)
    require(stored == tree_root(node.watch.leaves[:settled]), f"{node.name}: the tree is not the tree of its entries")


def links_have_no_gap(node: SimNode) -> None:
    """On each link each number stands once, in a row, and each message names the one before."""
    for partner, *ends in node.rows("SELECT node, in_seq, in_hash, out_seq, out_hash FROM records_partner"):
        for direction, seq, last in (("in", *ends[:2]), ("out", *ends[2:])):
            prev = ZEROS
            rows = node.rows(
                "SELECT seq, prev, hash FROM records_message WHERE partner_id = ? AND direction = ? ORDER BY seq",
                partner,
                direction,
            )
            for place, row in enumerate(rows, start=1):
                require(row[:2] == (place, prev), f"{node.name}: number {place} {direction} {partner} is {row}")
                prev = row[2]
            require((len(rows), prev) == (seq, last), f"{node.name}: the link {direction} {partner} ends elsewhere")


def nothing_leaves_unlogged(node: SimNode) -> None:
    """Each message that was queued or taken in has its entry; each report that was queued, a release too.

    A release is stopped only where its message was made void before it was ever tried.
    """
    rows = node.rows(
        "SELECT m.id, m.direction, m.type, m.report_id, m.log_index, rel.state, o.void FROM records_message m"
        " LEFT JOIN records_release rel ON rel.report_id = m.report_id AND rel.partner_id = m.partner_id"
        " LEFT JOIN records_outbox o ON o.message_id = m.id"
    )
    for number, direction, kind, report, index, release, void in rows:
        require(index < len(node.watch.entries), f"{node.name}: message {number} has no entry")
        entry, uid = node.watch.entries[index], _dashed(number)
        named = entry.details.get("message") if direction == "out" else entry.subject.removeprefix("message:")
        require(named == uid, f"{node.name}: the entry of message {uid} speaks of {named}")
        if direction == "out" and (kind == "report" or (kind == "relay" and report is not None)):
            kept = release == "released" or (release == "stopped" and void)
            require(kept, f"{node.name}: report message {uid} has no release")


def nothing_is_used_after_recall(node: SimNode) -> None:
    """Of a withdrawn version nothing is left that could be read, found or sent, and nothing is built on it."""
    for version in sorted(node.watch.withdrawn):
        rows = node.rows(f"SELECT id, state, title, text, folded FROM records_report WHERE {VERSION}", *version)
        for key, *left in rows:
            what = f"{node.name}: {version} was recalled"
            require(left == [State.WITHDRAWN, "", "", ""], f"{what} and is {left}")
            for left_of_it, sql in LEFT_OVER.items():
                require(node.rows(f"SELECT count(*) FROM {sql}", key) == [(0,)], f"{what} and {left_of_it} is there")


def acknowledged_is_kept(world: World, *, again: bool = False) -> None:
    """What a receiver acknowledged, it holds and has logged; what a sender counts as delivered was acknowledged."""
    for one in world.tap.fresh(again=again):
        receiver, receipt = world.nodes[one.receiver], one.receipt
        rows = receiver.rows(
            "SELECT hash, log_index FROM records_message WHERE id = ? AND direction = 'in'",
            receipt.message.replace("-", ""),
        )
        what = f"{one.receiver} acknowledged {receipt.message} of {one.origin}"
        require(rows == [(receipt.sha256, receipt.log_index)], f"{what} and holds {rows}")
        root = tree_root(receiver.watch.leaves[: receipt.tree_size]).hex()
        require(root == receipt.root, f"{what} under a root that its log never had")
    _delivered_was_acknowledged(world)


def _delivered_was_acknowledged(world: World) -> None:
    known = {(one.origin, one.receiver, one.receipt.message) for one in world.tap.acknowledged}
    for node in world.nodes.values():
        for number, partner in node.rows("SELECT message_id, partner_id FROM records_outbox WHERE state = 'delivered'"):
            found = (node.name, partner, _dashed(number)) in known
            require(found, f"{node.name} counts {number} as delivered, which {partner} never said")


def checkpoints_are_of_this_log(node: SimNode) -> None:
    """Each checkpoint is the head of the log as it was, and at least one of them is witnessed."""
    rows = node.rows("SELECT size, root FROM records_checkpoint")
    for size, root in rows:
        require(tree_root(node.watch.leaves[:size]).hex() == root, f"{node.name}: checkpoint {size} is of another log")
    require(bool(rows), f"{node.name} signed no checkpoint")
    newest = max(size for size, _ in rows)
    seen = node.rows("SELECT size FROM records_witness WHERE partner_id IS NOT NULL")
    require(seen == [(newest,)] * len(seen), f"{node.name}: witnesses saw {seen} of {newest}")


def nobody_is_silent(node: SimNode) -> None:
    """Each recall has a certificate of each holder, and nothing that was sent was refused."""
    silent = node.rows("SELECT partner_id FROM records_certificate WHERE effect = ''")
    require(not silent, f"{node.name}: no certificate from {silent}")
    below = node.rows("SELECT holder, via FROM records_onwardcertificate WHERE effect = ''")
    require(not below, f"{node.name}: no certificate from {below} down the chain")
    refused = node.rows(
        "SELECT o.partner_id, o.problem FROM records_outbox o JOIN records_message m ON m.id = o.message_id"
        f" WHERE o.state = 'refused' AND NOT (m.type = 'relay' AND o.problem IN {TOO_LATE})"
    )
    require(not refused, f"{node.name}: refused were {refused}")


def nothing_waits_in_quarantine(node: SimNode) -> None:
    """What came out of order and was taken in later does not lie in quarantine any more."""
    rows = node.rows(f"SELECT partner_id, code FROM records_quarantine WHERE code NOT IN {TOO_LATE}")
    require(not rows, f"{node.name}: in quarantine are {rows}")


def everybody_agrees(world: World) -> None:
    """What one node sent, the other holds: the same messages in the same order, and the same certificates."""
    for one in world.nodes.values():
        for partner, seq, last in one.rows("SELECT node, out_seq, out_hash FROM records_partner"):
            other = world.nodes[partner]
            ends = other.rows("SELECT in_seq, in_hash FROM records_partner WHERE node = ?", one.name)
            require(ends == [(seq, last)], f"{one.name} sent {seq} to {partner}, which holds {ends}")
            sent, held = (
                _messages(node, about, way) for node, about, way in ((one, partner, "out"), (other, one.name, "in"))
            )
            require(sent == held, f"{one.name} and {partner} hold different messages")


def _messages(node: SimNode, partner: str, direction: str) -> list[tuple[object, ...]]:
    sql = "SELECT seq, id, hash FROM records_message WHERE partner_id = ? AND direction = ? ORDER BY seq"
    return node.rows(sql, partner, direction)


def nothing_kept_is_held(world: World, node: SimNode) -> None:
    """A node has of each partner's report all that reaches it, and nothing that was kept from it."""
    foreign = "FROM records_report r {} WHERE r.originator != ? AND r.state IN ('held', 'doubted')"
    entities: dict[int, set[str]] = defaultdict(set)
    statements: dict[int, dict[str, Any]] = defaultdict(dict)
    links = "JOIN records_reportentity l ON l.report_id = r.id JOIN records_entity e ON e.id = l.entity_id"
    for key, entity in node.rows(f"SELECT r.id, e.uid {foreign.format(links)}", node.name):
        entities[key].add(entity)
    links = "JOIN records_statement s ON s.report_id = r.id JOIN records_entity e ON e.id = s.entity_id"
    said = f'SELECT r.id, s.uid, e.uid, s.value, s.start, s."end", s.handling {foreign.format(links)}'
    for key, number, entity, value, start, end, marking in node.rows(said, node.name):
        place = (start, end) if start is not None else None
        statements[key][number] = entity, value, place, json.loads(marking) if marking else None
    held = f"SELECT r.id, r.uid, r.via, r.title, r.text {foreign.format('')}"
    for key, uid, via, title, text in node.rows(held, node.name):
        got = Got(title, text, frozenset(entities[key]), statements[key])
        world.kept.require_just(f"{node.name} holds {uid}", node.name, got, via=via)


def what_was_released_has_arrived(world: World) -> None:
    """Each released report stands at everybody to whom it was released, in whatever state it is there by now."""
    released = (
        "SELECT r.uid, r.version, rel.partner_id FROM records_report r"
        " JOIN records_release rel ON rel.report_id = r.id AND rel.state = 'released'"
        " WHERE r.originator = ? AND r.state = 'released'"
    )
    for node in world.nodes.values():
        for uid, version, partner in node.rows(released, node.name):
            found = world.nodes[partner].rows(f"SELECT id FROM records_report WHERE {VERSION}", node.name, uid, version)
            require(len(found) == 1, f"{partner} does not know {uid} v{version} of {node.name}")


def recalled_is_held_nowhere(world: World) -> None:
    """What its originator recalled is held by nobody any more, whoever brought it there."""
    recalled = "SELECT uid, version FROM records_report WHERE originator = ? AND state = 'recalled'"
    held = f"SELECT via FROM records_report WHERE {VERSION} AND state IN ('held', 'doubted')"
    for node in world.nodes.values():
        for uid, version in node.rows(recalled, node.name):
            for other in world.nodes.values():
                rows = other.rows(held, node.name, uid, version)
                require(not rows, f"{other.name} holds {uid} v{version}, which {node.name} recalled: {rows}")


def words_lie_only_where_they_may(world: World) -> None:
    """Every byte of every database: a report's words lie at its originator and at holders who may hold them, only.

    What was kept from a node stands nowhere in it; the titles of what it has say which words reach it.
    """
    images = {node.name: node.image().lower() for node in world.nodes.values()}
    for mark, versions in world.marks.items():
        for name, image in images.items():
            if mark.encode() in image:
                may = any(_may_hold(world.nodes[name], version) for version in versions)
                require(may, f"{name} has words ({mark}) of {sorted(versions)} and should not")
    for name, image in images.items():
        foreign = world.kept.secrets - _reaching(world, world.nodes[name])
        found = sorted(secret for secret in foreign if secret.encode() in image)
        require(not found, f"{name} has words that were kept from it: {found}")


def _reaching(world: World, node: SimNode) -> set[str]:
    """The words of their own by which a node's reports name somebody, without those that were kept from it."""
    found = set()
    for originator, via, title in node.rows("SELECT originator, via, title FROM records_report WHERE title != ''"):
        page = world.kept.page(title)
        found |= secrets_in(page.lines if originator == node.name else page.reaching(via or node.name))
    return found


def _may_hold(node: SimNode, version: Version) -> bool:
    states = node.rows("SELECT state FROM records_report WHERE originator = ? AND uid = ? AND version = ?", *version)
    gone = (State.WITHDRAWN, State.STOPPED) if node.name == version[0] else (State.WITHDRAWN, State.SUPERSEDED)
    return len(states) == 1 and states[0][0] not in gone


def _dashed(number: object) -> str:
    text = str(number)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
