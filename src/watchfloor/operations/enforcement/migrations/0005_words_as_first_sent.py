"""Keeps what a delivery first said, so that every later attempt says the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0004_lifted_by_hand")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="message",
            field=models.JSONField(
                blank=True,
                help_text="As first sent: every later attempt says the same. Empty before.",
                null=True,
            ),
        ),
    ]
