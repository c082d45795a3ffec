from django.db import migrations


class Migration(migrations.Migration):
    """Reasons are worked out when somebody asks: what was stored of them nothing read."""

    dependencies = [("reputation", "0027_words_without_modules")]

    operations = [migrations.RemoveField(model_name="number", name="reasons")]
