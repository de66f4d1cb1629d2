"""Who answers for an asset, what is withheld, and who may buy it. What is here already is for institutions, as it was."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokenisation', '0020_documents_of_assets'),
    ]

    operations = [
        migrations.AddField(
            model_name='asset',
            name='guarantor',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='asset',
            name='institutional_allowed',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='asset',
            name='non_resident_allowed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='asset',
            name='tax_note',
            field=models.TextField(blank=True, help_text='In plain words: what is withheld, and from whom.'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('retail_allowed', True), ('institutional_allowed', True), ('non_resident_allowed', True), _connector='OR'), name='somebody_may_buy_the_asset', violation_error_message='Say who may buy it: choose one class of investors at least.'),
        ),
    ]
