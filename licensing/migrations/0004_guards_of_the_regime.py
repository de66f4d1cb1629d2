"""What watches over the tables of the regime, and what was recorded before them."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

from licensing import guards_sql
from pvara.kernel import guards


def carry_over(apps, schema_editor):
    """Conditions that stood as lines of text become rows; a notice of refusal that was given becomes a row too."""
    NocApplication, LicenceApplication, Licence, Condition, RefusalNotice = (
        apps.get_model("licensing", name)
        for name in ("NocApplication", "LicenceApplication", "Licence", "Condition", "RefusalNotice")
    )
    AuditEntry = apps.get_model("kernel", "AuditEntry")
    now = timezone.now()

    def impose(text, number, at, **of):
        row = Condition.objects.create(
            text=text, number=number, kind="continuing", drafted_at=at, imposed_at=at, is_public=True, **of
        )
        subject = {"subject_type": "licensing.condition", "subject_id": row.pk, "at": now}
        AuditEntry.objects.create(**subject, event="drafted", to_state="drafted", data={})
        AuditEntry.objects.create(
            **subject,
            event="impose",
            from_state="drafted",
            to_state="open",
            note="It stood as a line of text with the decision before.",
            data={},
        )
        Condition.objects.filter(pk=row.pk).update(state="open", version=1)

    for case in NocApplication.objects.exclude(conditions_before=[]).order_by("pk"):
        for number, text in enumerate(case.conditions_before, start=1):
            impose(text, number, case.granted_at or now, firm_id=case.firm_id, noc_id=case.pk)
    for case in LicenceApplication.objects.exclude(conditions_before=[]).order_by("pk"):
        licence = Licence.objects.filter(application_id=case.pk).first()
        for number, text in enumerate(case.conditions_before, start=1):
            bound = licence is not None and text in licence.conditions_before
            impose(
                text,
                number,
                licence.granted_at if licence else now,
                firm_id=case.firm_id,
                application_id=case.pk,
                licence_id=licence.pk if bound else None,
            )
    for licence in Licence.objects.exclude(conditions_before=[]).select_related("application").order_by("pk"):
        own = [text for text in licence.conditions_before if text not in licence.application.conditions_before]
        for number, text in enumerate(own, start=len(licence.application.conditions_before) + 1):
            impose(text, number, licence.granted_at, firm_id=licence.firm_id, licence_id=licence.pk)

    for field, model in (("noc_id", NocApplication), ("application_id", LicenceApplication)):
        for case in model.objects.filter(state="minded_to_refuse").order_by("pk"):
            given = AuditEntry.objects.filter(
                subject_type=f"licensing.{model._meta.model_name}", subject_id=case.pk, event="notify_refusal"
            ).latest("seq")
            RefusalNotice.objects.create(
                firm_id=case.firm_id,
                number=1,
                given_by_id=given.actor_id,
                given_at=given.at,
                last_day=timezone.localdate(given.at) + timedelta(days=21),
                **{field: case.pk},
            )


# The words of the conditions as lines of text again.
CARRY_BACK = """
UPDATE licensing_nocapplication n SET conditions_before = c.said FROM (
    SELECT noc_id, jsonb_agg(text ORDER BY number) AS said FROM licensing_condition
        WHERE state <> 'drafted' AND noc_id IS NOT NULL GROUP BY noc_id
) c WHERE c.noc_id = n.id;
UPDATE licensing_licenceapplication a SET conditions_before = c.said FROM (
    SELECT application_id, jsonb_agg(text ORDER BY number) AS said FROM licensing_condition
        WHERE state <> 'drafted' AND application_id IS NOT NULL GROUP BY application_id
) c WHERE c.application_id = a.id;
UPDATE licensing_licence l SET conditions_before = c.said FROM (
    SELECT licence_id, jsonb_agg(text ORDER BY number) AS said FROM licensing_condition
        WHERE state <> 'drafted' AND licence_id IS NOT NULL GROUP BY licence_id
) c WHERE c.licence_id = l.id;
"""


class Migration(migrations.Migration):
    dependencies = [("licensing", "0003_the_regime_in_full")]

    operations = [
        guards.append_only("licensing_document"),
        guards.append_only("licensing_activitykind"),
        migrations.RunSQL(
            # The person of a lifting is the interest's: the pair refers to the pair. Django's own keys have one column.
            """
            ALTER TABLE licensing_interestlifting ADD CONSTRAINT lifting_is_of_the_interests_person
                FOREIGN KEY (interest_id, person_id) REFERENCES licensing_interest (id, person_id)
            """,
            "ALTER TABLE licensing_interestlifting DROP CONSTRAINT lifting_is_of_the_interests_person",
        ),
        # Whoever stopped acting for a firm before this record was kept is found in the audit log.
        migrations.RunSQL(
            """
            INSERT INTO licensing_interest
                (firm_id, person_id, kind, nature, until, explanation, recorded_by_id, recorded_at)
            SELECT entry.subject_id, person.id, 'detected', 'worked_for', (entry.at AT TIME ZONE 'Asia/Karachi')::date,
                'Acted for the firm in this system.', entry.actor_id, entry.at
            FROM kernel_auditentry entry JOIN kernel_user person ON person.email = entry.data ->> 'person'
            WHERE entry.subject_type = 'licensing.firm' AND entry.event = 'may_no_longer_act'
            """,
            migrations.RunSQL.noop,
        ),
        guards.append_only("licensing_interest"),
        guards.append_only("licensing_interestlifting"),
        guards.append_only("licensing_recusal"),
        guards.guard_state("licensing_invoice", "licensing.invoice", initial="issued"),
        guards.append_only("licensing_tariffrow"),
        guards.append_only("licensing_invoiceline"),
        guards.append_only("licensing_payment"),
        guards.append_only("licensing_statementrow"),
        migrations.RunSQL(guards_sql.FEES, guards_sql.FEES_REMOVED),
        migrations.RunSQL(guards_sql.FOUR_EYES, guards_sql.FOUR_EYES_REMOVED),
        guards.guard_state("licensing_amlregistration", "licensing.amlregistration", initial="requested"),
        guards.guard_state("licensing_keyindividual", "licensing.keyindividual", initial="nominated"),
        guards.guard_state("licensing_changeofcontrol", "licensing.changeofcontrol", initial="notified"),
        guards.append_only("licensing_fitandpropercheck"),
        guards.append_only("licensing_ownershipstatement"),
        guards.append_only("licensing_owner"),
        guards.append_only("licensing_holding"),
        migrations.RunSQL(guards_sql.CHECKERS, guards_sql.CHECKERS_REMOVED),
        migrations.RunSQL(guards_sql.STATEMENTS, guards_sql.STATEMENTS_REMOVED),
        guards.guard_state("licensing_informationrequest", "licensing.informationrequest", initial="draft"),
        guards.append_only("licensing_requestmessage"),
        guards.append_only("licensing_checklisttick"),
        migrations.RunSQL(guards_sql.RETURNS, guards_sql.RETURNS_REMOVED),
        guards.guard_state("licensing_condition", "licensing.condition", initial="drafted"),
        guards.append_only("licensing_motion"),
        guards.append_only("licensing_vote"),
        guards.append_only("licensing_refusalnotice"),
        guards.append_only("licensing_representation"),
        guards.append_only("licensing_consideration"),
        migrations.RunSQL(guards_sql.DECISIONS, guards_sql.DECISIONS_REMOVED),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        # What the rows refer to is checked now: no table is altered while a check of it waits.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", CARRY_BACK),
        migrations.RemoveField("licence", "conditions_before"),
        migrations.RemoveField("licenceapplication", "conditions_before"),
        migrations.RemoveField("nocapplication", "conditions_before"),
        guards.guard_state("licensing_renewal", "licensing.renewal", initial="not_due"),
        guards.guard_state("licensing_variation", "licensing.variation", initial="requested"),
        guards.guard_state("licensing_appeal", "licensing.appeal", initial="noticed"),
        guards.append_only("licensing_reply"),
        # What was recorded before had one firm, and was signed.
        migrations.RunSQL(
            """
            INSERT INTO licensing_mouparty (mou_id, name, firm_id)
                SELECT m.id, f.legal_name, f.id FROM licensing_mou m JOIN licensing_firm f ON f.id = m.firm_id;
            UPDATE licensing_mou SET state = 'signed';
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField("mou", "firm"),
        guards.guard_state("licensing_consultation", "licensing.consultation", initial="requested"),
        guards.append_only("licensing_agencyreply"),
        guards.append_only("licensing_objectionoverride"),
        guards.guard_state("licensing_mou", "licensing.mou", initial="draft"),
        guards.guard_state("licensing_deliverable", "licensing.deliverable", initial="promised"),
        guards.guard_state("licensing_inspection", "licensing.inspection", initial="scheduled"),
        guards.guard_state("licensing_finding", "licensing.finding", initial="open"),
        guards.append_only("licensing_inspectionresult"),
        guards.guard_state("licensing_filing", "licensing.filing", initial="due"),
        guards.guard_state("licensing_incident", "licensing.incident", initial="reported"),
        guards.append_only("licensing_incidentfollowup"),
        guards.append_only("licensing_impactassessment"),
    ]
