"""Lets the codes of labels have dots."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0002_settled"),
    ]

    operations = [
        migrations.AlterField(
            model_name="label",
            name="code",
            field=models.CharField(
                db_index=True,
                max_length=80,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*\\Z",
                        "Write a code of letters, digits, hyphens and underscores, its parts joined by dots.",
                    )
                ],
            ),
        ),
    ]
