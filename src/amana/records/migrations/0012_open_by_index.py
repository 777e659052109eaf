"""What is open and what may be seen is told by columns and indexes alone: no answer, no text is read for it."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q


def note_whether_answered(apps: Any, schema_editor: Any) -> None:
    """Say of every request whether a final answer counts, as `note_whether_answered` of the queries does."""
    taken_back = Q(taken_back_at__isnull=False) | Q(message__outbox__state="refused")
    final = apps.get_model("records", "RequestAnswer").objects.filter(
        ~taken_back, request=OuterRef("pk"), outcome__in=["full", "partial", "refused"]
    )
    apps.get_model("records", "Request").objects.update(answered=Exists(final))


class Migration(migrations.Migration):
    """After the tally of the log."""

    dependencies = (("records", "0011_less_to_read"),)
    operations = (
        migrations.RemoveIndex(model_name="report", name="report_seen"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["state", "strictness", "purposes", "kind", "edition", "uid", "id"], name="report_seen"
            ),
        ),
        migrations.RemoveIndex(model_name="report", name="report_newest"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["-written", "kind", "originator", "purposes", "crime_areas"], name="report_newest"
            ),
        ),
        migrations.AlterField(model_name="report", name="state", field=models.CharField(max_length=20)),
        migrations.AddIndex(
            model_name="report", index=models.Index(fields=["state", "erase_by"], name="report_erasure")
        ),
        migrations.RemoveIndex(model_name="report", name="report_of_kind"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["kind", "state", "strictness"], name="report_of_kind"),
        ),
        migrations.AddField(model_name="request", name="answered", field=models.BooleanField(default=False)),
        migrations.RunPython(note_whether_answered, migrations.RunPython.noop),
    )
