"""Adds the topics that a person may ask not to be given."""

from django.db import migrations

TOPICS = (
    ("animal-cruelty", "Cruelty to animals", "虐待动物"),
    ("child-safety", "Harm to children", "伤害儿童"),
    ("eating-disorders", "Eating disorders", "进食障碍"),
    ("graphic-violence", "Graphic violence", "血腥暴力"),
    ("hate", "Hate and slurs", "仇恨与侮辱"),
    ("self-harm", "Suicide and self-harm", "自杀与自伤"),
    ("sexual-content", "Sexual content", "色情内容"),
    ("sexual-violence", "Sexual violence", "性暴力"),
    ("terrorism", "Terrorism", "恐怖主义"),
)


def add_topics(apps, schema_editor):
    del schema_editor
    model = apps.get_model("wellbeing", "Topic")
    for slug, name, chinese in TOPICS:
        model.objects.get_or_create(slug=slug, defaults={"name": name, "name_zh_hans": chinese})


class Migration(migrations.Migration):
    dependencies = [("wellbeing", "0003_recording")]
    operations = [migrations.RunPython(add_topics, migrations.RunPython.noop)]
