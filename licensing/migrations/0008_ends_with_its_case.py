"""A consultation ends with its case."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0007_letters_that_are_checked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='consultation',
            name='state',
            field=models.CharField(choices=[('requested', 'Asked'), ('replied', 'Replied'), ('no_reply', 'No reply'), ('ended', 'Ended with the case')], default='requested', max_length=50),
        ),
    ]
