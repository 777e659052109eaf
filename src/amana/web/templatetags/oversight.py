"""Tags of the overseer's room: what oversight asks of whoever looks, and a check's findings counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from amana.services import orders, spot_checks

register = template.Library()


@register.inclusion_tag("components/oversight_asks.html", takes_context=True)
def oversight_asks(context: Any) -> dict[str, object]:
    """What overseers ask of the signed-in officer, and which of their orders bind them: `{% oversight_asks %}`."""
    person = context["request"].user
    return {"questions": spot_checks.questions_for(person), "felt": orders.orders_felt_by(person)}


@register.simple_tag
def tally(check: Any) -> SafeString:
    """The cells of a check's findings: in order, questions, objections, not looked at yet."""
    found = Counter(one.finding for one in check.entries.all())
    return format_html_join("", "<td>{}</td>", ((found[one],) for one in ("in-order", "question", "objection", "")))
