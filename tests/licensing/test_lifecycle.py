# ruff: noqa: E501  the tables are as wide as the regime
"""Licensing's machines as the regulator would write them. That of a piece of evidence stands in test_evidence.py."""

import pytest

from licensing.models import Evidence, Licence, LicenceApplication, Milestone, NocApplication, SetUp
from pvara.kernel.machine import machines, moves_of
from pvara.kernel.regime import as_text

NOC = """
move                  | source             | target             | who                  | gates                                                                                                | letter | clock
submit                | draft              | submitted          | the firm's signatory | sections_are_complete, declaration_is_signed, fee_reference_is_given, no_other_case_is_open          | L01    | start:decision
accept_intake         | submitted          | completeness_check | Case officer         |                                                                                                      |        | start:intake
declare_complete      | completeness_check | under_assessment   | Case officer         |                                                                                                      |        | stop:intake
recommend             | under_assessment   | recommended        | Supervisor           | criteria_are_rated_and_moderated                                                                     |        |
grant_noc             | recommended        | granted            | Committee member     | score_clears_g1, score_is_clear_of_g1_conditions, decider_is_not_recommender, decider_did_not_assess | L10    | stop:decision
grant_with_conditions | recommended        | granted            | Committee member     | score_clears_g1, decider_is_not_recommender, decider_did_not_assess                                  | L10    | stop:decision
refuse_noc            | recommended        | refused            | Committee member     | decider_is_not_recommender, decider_did_not_assess                                                   | L12    | stop:decision
"""

SETUP = """
move          | source | target   | who        | gates                                                                                                   | letter | clock
confirm_setup | open   | complete | Supervisor | milestones_are_verified, subsidiary_is_held, noc_is_in_force, score_clears_g2, confirmer_did_not_verify | L22    | stop:set_up
"""

MILESTONE = """
move           | source             | target    | who          | gates                     | letter | clock
submit         | pending, deficient | submitted | the firm     | particulars_are_given     |        | start:verification
verify         | submitted          | verified  | Case officer | verifier_is_not_submitter |        | stop:verification
find_deficient | submitted          | deficient | Case officer |                           |        | stop:verification
"""

FULL = """
move                    | source             | target             | who                  | gates                                                                                                                                     | letter | clock
submit                  | draft              | submitted          | the firm's signatory | sections_are_complete, declaration_is_signed, fee_reference_is_given, noc_is_in_force, no_other_case_is_open, no_licence_is_live          | L30    | start:completeness
accept_intake           | submitted          | completeness_check | Case officer         |                                                                                                                                           |        |
declare_complete        | completeness_check | under_assessment   | Case officer         |                                                                                                                                           |        | stop:completeness, start:decision
recommend               | under_assessment   | recommended        | Supervisor           | criteria_are_rated_and_moderated                                                                                                          |        |
approve_in_principle    | recommended        | in_principle       | Committee member     | score_clears_g3, score_is_clear_of_g3_conditions, decider_is_not_recommender, decider_did_not_assess                                      | L35    | stop:decision
approve_with_conditions | recommended        | in_principle       | Committee member     | score_clears_g3, decider_is_not_recommender, decider_did_not_assess                                                                       | L35    | stop:decision
refuse_licence          | recommended        | refused            | Committee member     | decider_is_not_recommender, decider_did_not_assess                                                                                        | L12    | stop:decision
grant_licence           | in_principle       | licensed           | Board member         | score_clears_g3, conditions_are_imposed_where_compulsory, noc_is_in_force, granter_is_not_recommender_or_approver, decider_did_not_assess | L40    |
"""

LICENCE = """
move      | source            | target    | who                                   | gates                                                            | letter | clock
suspend   | active            | suspended | Committee member, Enforcement officer |                                                                  | L51    |
reinstate | suspended         | active    | Committee member                      | licence_is_in_term, score_clears_g4, reinstater_is_not_suspender | L53    |
revoke    | active, suspended | revoked   | Board member                          |                                                                  | L54    |
"""

TABLES = {NocApplication: NOC, SetUp: SETUP, Milestone: MILESTONE, LicenceApplication: FULL, Licence: LICENCE}


@pytest.mark.parametrize(("model", "table"), TABLES.items())
def test_the_machine_reads_as_the_regime(model, table):
    assert as_text(model) == table.strip()


def test_every_machine_of_licensing_has_its_table_in_the_order_of_the_regime():
    here = [model for model in machines() if model._meta.app_label == "licensing"]
    assert here == [*TABLES, Evidence]


def test_who_gives_reasons():
    """What is against the firm, and what others will rely on, is not done without a word."""
    assert {
        model: [row.name for row in moves_of(model).values() if row.note_required] for model in [*TABLES, Evidence]
    } == {
        NocApplication: ["recommend", "grant_with_conditions", "refuse_noc"],
        SetUp: [],
        Milestone: ["find_deficient"],
        LicenceApplication: ["recommend", "approve_with_conditions", "refuse_licence"],
        Licence: ["suspend", "reinstate", "revoke"],
        Evidence: ["reject"],
    }


def test_who_made_a_move_is_kept_where_another_may_not_be_the_same():
    assert {
        model: {row.name: row.signed_as for row in moves_of(model).values() if row.signed_as}
        for model in [*TABLES, Evidence]
    } == {
        NocApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "recommend": "recommended_by",
            "grant_noc": "decided_by",
            "grant_with_conditions": "decided_by",
            "refuse_noc": "decided_by",
        },
        SetUp: {"confirm_setup": "confirmed_by"},
        Milestone: {"submit": "submitted_by", "verify": "verified_by"},
        LicenceApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "recommend": "recommended_by",
            "approve_in_principle": "decided_by",
            "approve_with_conditions": "decided_by",
            "refuse_licence": "decided_by",
            "grant_licence": "granted_by",
        },
        Licence: {"suspend": "suspended_by", "revoke": "revoked_by"},
        Evidence: {"accept": "accepted_by"},
    }


@pytest.mark.parametrize(
    ("model", "initial", "final"),
    [
        (NocApplication, "draft", {"granted", "refused"}),
        (SetUp, "open", {"complete"}),
        (Milestone, "pending", {"verified"}),
        (LicenceApplication, "draft", {"licensed", "refused"}),
        (Licence, "active", {"revoked"}),
        (Evidence, "uploaded", {"rejected"}),
    ],
)
def test_every_state_can_be_reached_and_only_the_last_ones_not_left(model, initial, final):
    field = model._meta.get_field("state")
    states = {value for value, _ in field.choices}
    rows = moves_of(model).values()
    assert (field.default, {row.target for row in rows} | {initial}) == (initial, states)
    assert states - {source for row in rows for source in row.sources} == final


def test_a_closed_case_is_one_that_no_move_leaves():
    for model in (NocApplication, LicenceApplication):
        leaving = {source for row in moves_of(model).values() for source in row.sources}
        assert model.closed_states == {value for value, _ in model._meta.get_field("state").choices} - leaving
