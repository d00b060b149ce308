from django.db import migrations, models


class Migration(migrations.Migration):
    """Counts what was due in each hour, so that attainment is of the cases due, late and open ones included."""

    dependencies = [("review", "0002_append_only")]

    operations = [
        migrations.RemoveField("queueminute", "decided_on_time"),
        migrations.RenameField("queuehour", "decided_on_time", "met"),
        migrations.AddField("queuehour", "due", models.BigIntegerField(default=0, db_default=0)),
    ]
