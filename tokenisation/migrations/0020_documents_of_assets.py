"""The documents that an asset rests on: rows and files that are added and never changed, public once a second says so."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

import tokenisation.models.documents
from pvara.kernel import guards
from tokenisation import documents_sql


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0018_leaner_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AssetDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('state', models.CharField(choices=[('handed_in', 'Handed in'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='handed_in', max_length=50)),
                ('kind', models.CharField(choices=[('offering', 'Prospectus or offering document'), ('legal_opinion', 'Legal opinion'), ('custody', 'Statement of custody or of the SGLA'), ('shariah_opinion', 'Shariah opinion'), ('attestation', 'Attestation report'), ('risk_disclosure', 'Risk disclosure'), ('other', 'Other document')], max_length=16)),
                ('title', models.CharField(max_length=200)),
                ('edition', models.PositiveIntegerField()),
                ('file', models.FileField(max_length=200, upload_to=tokenisation.models.documents.file_path)),
                ('file_name', models.CharField(max_length=150)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField(help_text='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('scan', models.CharField(choices=[('clean', 'Clean'), ('infected', 'Infected'), ('unscanned', 'Not scanned')], max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='tokenisation.asset')),
                ('published_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supersedes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='later', to='tokenisation.assetdocument')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'document of an asset',
                'verbose_name_plural': 'documents of assets',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('asset', 'kind', 'title', 'edition'), name='one_document_an_edition'), models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('uploaded_by')), _negated=True), _connector='OR'), name='document_publisher_is_not_uploader'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_by__isnull', False), _connector='OR'), name='published_document_is_signed'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$'), ('size__gt', 0), models.Q(('title', ''), _negated=True), models.Q(('scan', 'infected'), _negated=True)), name='document_says_what_it_is')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        guards.guard_state("tokenisation_assetdocument", "tokenisation.assetdocument", initial="handed_in"),
        migrations.RunSQL(documents_sql.INSTALL, documents_sql.REMOVE),
    ]
