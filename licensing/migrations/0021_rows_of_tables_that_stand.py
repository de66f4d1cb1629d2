"""A return or an agency may come to its end, a wording says where it comes from, and no row of the three changes."""

from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0020_hands_on_what_is_decided_about_a_licence'),
    ]

    operations = [
        migrations.AddField(
            model_name='agency',
            name='ended',
            field=models.BooleanField(default=False, help_text='Whether it is consulted no more, from that day on.'),
        ),
        migrations.AddField(
            model_name='lettertext',
            name='source',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='returnkind',
            name='ended',
            field=models.BooleanField(default=False, help_text='Whether it is asked for no more, from that day on.'),
        ),
        guards.append_only("licensing_agency"),
        guards.append_only("licensing_returnkind"),
        guards.append_only("licensing_lettertext"),
    ]
