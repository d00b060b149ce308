"""Lets the codes of labels have dots."""

from django.db import migrations

import watchfloor.operations.policies.models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0002_settled"),
    ]

    operations = [
        migrations.AlterField(
            model_name="label",
            name="code",
            field=watchfloor.operations.policies.models.CodeField(db_index=True, max_length=80),
        ),
    ]
