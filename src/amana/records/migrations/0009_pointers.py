"""Fill `points_to` of the statements that were stored before there was such a column."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models.functions import Substr

from amana.domain.vocabulary import model


def note_pointers(apps: Any, schema_editor: Any) -> None:
    """Note what each statement points to whose property is an entity by the vocabulary."""
    entity, statement = apps.get_model("records", "Entity"), apps.get_model("records", "Statement")
    for name in entity.objects.order_by().values_list("schema", flat=True).distinct():
        schema = model().get(name)
        pointers = [one.name for one in schema.properties.values() if one.type.name == "entity"] if schema else []
        rows = statement.objects.filter(entity__schema=name, property__in=pointers)
        rows.update(points_to=Substr("value", 1, 200))


class Migration(migrations.Migration):
    """After the tables of the desk."""

    dependencies = (("records", "0008_desk"),)
    operations = (migrations.RunPython(note_pointers, migrations.RunPython.noop),)
