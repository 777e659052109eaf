"""Keep each search word of a report once, as new reports have it: the search only asks whether a word is there."""

from __future__ import annotations

from typing import Any

from django.db import migrations

AT_ONCE = 500


def keep_each_once(apps: Any, schema_editor: Any) -> None:
    """Put every report's search words in order, each once."""
    rows = apps.get_model("records", "Report").objects.exclude(folded="").order_by("pk").only("folded")
    last, some = 0, list(rows[:AT_ONCE])
    while some:
        for row in some:
            row.folded = " ".join(sorted(set(row.folded.split())))
        rows.model.objects.bulk_update(some, ["folded"], batch_size=100)
        last = some[-1].pk
        some = list(rows.filter(pk__gt=last)[:AT_ONCE])


class Migration(migrations.Migration):
    """After the pointers."""

    dependencies = (("records", "0009_pointers"),)
    operations = (migrations.RunPython(keep_each_once, migrations.RunPython.noop),)
