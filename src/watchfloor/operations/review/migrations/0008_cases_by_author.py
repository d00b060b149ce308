"""Finds an author's cases by an index, for the routing rules that ask for history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0007_serve_by_functions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("author_id", ""), _negated=True),
                fields=["client", "author_id", "-enqueued_at"],
                name="review_case_author",
            ),
        ),
    ]
