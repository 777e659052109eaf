"""Words for what an overseer does: orders, grounds, findings, requests for access, the register."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

ORDERS = {
    "restrict": _("Restrict: kept as evidence, no longer used"),
    "erase": _("Erase: everywhere in this node, for ever"),
    "stop": _("Stop: nothing is disclosed until lifted"),
}
ORDER_GROUNDS = {
    "unlawful-processing": _("The processing has no legal basis"),
    "accuracy-contested": _("Its accuracy is contested"),
    "purpose-exceeded": _("It was used beyond its purpose"),
    "retention-exceeded": _("It was kept longer than permitted"),
    "special-category": _("It holds special categories of data without strict necessity"),
    "court-or-authority": _("A court or authority ordered it"),
}
CHECK_KINDS = {
    "readings": _("Readings"),
    "releases": _("Releases and exports"),
    "searches": _("Searches"),
    "requests": _("Requests and replies"),
    "hits": _("Hit or no hit"),
}
FINDINGS = {
    "in-order": _("In order"),
    "question": _("A question to the officer"),
    "objection": _("An objection"),
    "": _("Not looked at yet"),
}
ACCESS_OUTCOMES = {
    "given": _("Access given"),
    "partly": _("Access given in part"),
    "refused": _("Access refused"),
    "": _("Open"),
}
ACCESS_GROUNDS = {
    "obstructs-inquiry": _("It would obstruct an inquiry or proceedings"),
    "prejudices-prevention": _("It would prejudice preventing, detecting or prosecuting offences"),
    "public-security": _("Public security"),
    "national-security": _("National security"),
    "rights-of-others": _("The rights and freedoms of others"),
    "manifestly-unfounded": _("The request is manifestly unfounded or excessive"),
    "identity-not-shown": _("The identity was not shown"),
}
REGISTER_SECTIONS = {
    "purposes": _("Purposes of reports written in the period"),
    "categories": _("Categories of people in them"),
    "crime-areas": _("Crime areas"),
    "kinds": _("Kinds of reports"),
    "originators": _("Originators"),
    "retention": _("What is kept now, and until when"),
    "recipients": _("Recipients of releases"),
    "received-from": _("Received from"),
    "agreements": _("Agreements in force in the period, and until when"),
    "oversight": _("Oversight"),
    "acts": _("Acts in the log"),
}
REGISTER_ITEMS = {
    "kept": _("Versions of reports in use"),
    "endless": _("of these without a day of erasure"),
    "earliest": _("Earliest day of erasure"),
    "latest": _("Latest day of erasure"),
    "orders": _("Orders of overseers"),
    "openings": _("Content opened under a mandate"),
    "access-requests": _("Requests for access received"),
    "access-decided": _("Requests for access decided"),
}
KEY_USES = {
    "signing": _("Signing"),
    "sealing": _("Sealing"),
    "checkpoint": _("Checkpoints of the log"),
    "tls": _("TLS"),
}
CHANGE_STATES = {
    "open": _("Waits for a second person"),
    "confirmed": _("Confirmed"),
    "declined": _("Dropped"),
}

TABLES: dict[str, Mapping[str, object]] = {
    "order": ORDERS,
    "order_ground": ORDER_GROUNDS,
    "check_kind": CHECK_KINDS,
    "finding": FINDINGS,
    "access_outcome": ACCESS_OUTCOMES,
    "access_ground": ACCESS_GROUNDS,
    "register_section": REGISTER_SECTIONS,
    "register_item": REGISTER_ITEMS,
    "key_use": KEY_USES,
    "change_state": CHANGE_STATES,
    "": {},
}
