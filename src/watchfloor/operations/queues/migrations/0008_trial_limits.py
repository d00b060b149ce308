"""States how much worse a template on trial may be before its promotion is held up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0007_sop_required")]
    operations = [
        migrations.AddField(
            model_name="queueversion",
            name="canary_slower_share",
            field=models.FloatField(
                db_default=0.1,
                default=0.1,
                help_text="How much slower, as a share, a trial may surely be before its promotion is held up.",
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="canary_disagreement_share",
            field=models.FloatField(
                db_default=0.05,
                default=0.05,
                help_text="By how much more, as a share of cases, reviewers may surely disagree in the trial.",
            ),
        ),
    ]
