"""Lets a lifted restriction be told, once an endpoint."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0003_delivery_attempts")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="enforcement_delivery_once"),
        migrations.AddField(
            model_name="delivery",
            name="restriction",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The one that was lifted by hand; of other messages empty.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="enforcement.restriction",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[("made", "Made"), ("withdrawn", "Withdrawn"), ("lifted", "Lifted")],
                default="made",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("decision", "endpoint", "kind", "restriction"),
                name="enforcement_delivery_once",
                nulls_distinct=False,
            ),
        ),
    ]
