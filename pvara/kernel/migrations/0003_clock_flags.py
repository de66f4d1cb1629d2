"""The flags on clocks that run out; a table that only grows."""

from django.db import migrations, models

from pvara.kernel import guards


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="ClockFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_type", models.CharField(max_length=80)),
                ("subject_id", models.BigIntegerField()),
                ("clock", models.CharField(max_length=40)),
                ("run", models.PositiveIntegerField()),
                ("due_on", models.DateField()),
                ("level", models.PositiveSmallIntegerField()),
                ("role", models.CharField(max_length=40)),
                ("raised_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_type", "subject_id", "clock", "run", "due_on", "level"),
                        name="flag_raised_once",
                    ),
                    models.CheckConstraint(condition=~models.Q(("role", "")), name="flag_tells_a_role"),
                ],
            },
        ),
        guards.append_only("kernel_clockflag"),
    ]
