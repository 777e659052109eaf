"""Washington's side of the test through the proxy: what it holds of Rabat's, as it was received. Prints JSON."""

from __future__ import annotations

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from amana.records.models import LogEntry, Message, Quarantine, Report


def main() -> None:
    """Count, and say in which order."""
    rows = Message.objects.filter(partner_id="rabat", direction=Message.Direction.IN).order_by("seq")
    events = LogEntry.objects.filter(event__contains='"verb":"report-received"').values_list("event", flat=True)
    found = {
        "seqs": list(rows.values_list("seq", flat=True)),
        "titles": [row.report.title for row in rows.filter(type="report").select_related("report") if row.report],
        "reports": Report.objects.filter(originator="rabat", state="held").count(),
        "entries": len(events),
        "different_entries": len({json.loads(event or "{}")["subject"] for event in events}),
        "quarantine": Quarantine.objects.filter(outgoing=False).count(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
