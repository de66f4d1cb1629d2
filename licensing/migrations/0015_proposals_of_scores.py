"""What a licensee's score proposes to enforcement."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from pvara.kernel.guards import guard_state


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0014_history_of_scores'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SupervisionProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('raised', 'Raised'), ('taken_up', 'Taken up'), ('dismissed', 'Dismissed'), ('lapsed', 'Lapsed')], default='raised', max_length=50)),
                ('level', models.CharField(choices=[('watch', 'Watch'), ('restrict', 'Restrict'), ('show_cause', 'Show cause')], max_length=10)),
                ('raised_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(blank=True, help_text='When the score was no longer at this level.', null=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licensing.scoreentry')),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supervision_proposals', to='licensing.firm')),
                ('licence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supervision_proposals', to='licensing.licence')),
                ('settled_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('over_at__isnull', True)), fields=('licence', 'level'), name='one_proposal_a_licence_and_level')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        guard_state("licensing_supervisionproposal", "licensing.supervisionproposal", initial="raised"),
    ]
