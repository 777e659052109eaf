"""What lets the pages read less: a tally of the log, people of reports by an index, each search word once."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 500


def keep_each_once(apps: Any, schema_editor: Any) -> None:
    """Put every report's search words in order, each once, as new reports have them."""
    rows = apps.get_model("records", "Report").objects.exclude(folded="").order_by("pk").only("folded")
    last, some = 0, list(rows[:AT_ONCE])
    while some:
        for row in some:
            row.folded = " ".join(sorted(set(row.folded.split())))
        rows.model.objects.bulk_update(some, ["folded"], batch_size=100)
        last = some[-1].pk
        some = list(rows.filter(pk__gt=last)[:AT_ONCE])


class Migration(migrations.Migration):
    """After the statements' handling."""

    dependencies = (("records", "0010_statement_handling"),)
    operations = (
        migrations.CreateModel(
            name="LogTally",
            fields=[
                ("block", models.BigIntegerField(primary_key=True, serialize=False)),
                ("earliest", models.CharField(max_length=30)),
                ("latest", models.CharField(max_length=30)),
                ("acts", models.JSONField()),
            ],
        ),
        migrations.AlterField(
            model_name="reportentity",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entity_links",
                to="records.report",
            ),
        ),
        migrations.AddIndex(
            model_name="reportentity",
            index=models.Index(fields=["report", "category"], name="report_people"),
        ),
        migrations.RemoveIndex(model_name="report", name="report_seen"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["state", "strictness", "purposes", "kind", "edition", "uid"], name="report_seen"
            ),
        ),
        migrations.RemoveIndex(model_name="message", name="message_lately"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["type", "created_at", "partner", "direction", "report"], name="message_lately"),
        ),
        migrations.RunPython(keep_each_once, migrations.RunPython.noop),
    )
