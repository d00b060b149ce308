"""Adds the functions by which the database itself guards data boundaries."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(statement("people", "boundary_roles"), statement("people", "drop_boundary_roles")),
    ]
