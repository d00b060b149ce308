"""A queue version may ask that its procedure be read before anybody is served."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0006_settled_sops")]
    operations = [
        migrations.AddField(
            model_name="queueversion",
            name="sop_required",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Only those who confirmed that they read the procedure in force are served.",
            ),
        ),
    ]
