"""What the register counts is told by indexes alone; of whom a report speaks, by category, stands beside it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db import migrations, models
from django.db.models import Count

AT_ONCE = 500


def count_categories(apps: Any, schema_editor: Any) -> None:
    """Say of every report how many of each category it speaks of, as `_fill` of the contents does."""
    reports, links = apps.get_model("records", "Report"), apps.get_model("records", "ReportEntity")
    rows = links.objects.exclude(category="").order_by("report_id", "category").values_list("report_id", "category")
    changed = []
    for number, some in groupby(rows.annotate(Count("pk")).iterator(chunk_size=10_000), key=lambda row: row[0]):
        changed.append(reports(pk=number, categories={category: many for _, category, many in some}))
        if len(changed) == AT_ONCE:
            reports.objects.bulk_update(changed, ["categories"])
            changed = []
    reports.objects.bulk_update(changed, ["categories"])


class Migration(migrations.Migration):
    """After the columns by which lists are put in order."""

    dependencies = (("records", "0012_open_by_index"),)
    operations = (
        migrations.AddField(model_name="report", name="categories", field=models.JSONField(default=dict)),
        migrations.RemoveIndex(model_name="report", name="report_newest"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["-written", "kind", "originator", "purposes", "crime_areas", "categories"], name="report_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["direction", "type", "received_at", "partner"], name="message_came"),
        ),
        migrations.RunPython(count_categories, migrations.RunPython.noop),
    )
