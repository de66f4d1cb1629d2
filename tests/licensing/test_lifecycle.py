# ruff: noqa: E501  the tables are as wide as the regime
"""Licensing's machines as the regulator would write them. Evidence's stands in test_evidence.py, a letter's in
test_letter_checks.py, an invoice's in test_fees.py."""

import pytest

from licensing.models import (
    AmlRegistration,
    Appeal,
    ChangeOfControl,
    Condition,
    Consultation,
    Deliverable,
    Evidence,
    Filing,
    Finding,
    Incident,
    InformationRequest,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    LicenceApplication,
    Milestone,
    Mou,
    NocApplication,
    Renewal,
    SettingChange,
    SetUp,
    Variation,
)
from pvara.kernel.machine import machines, moves_of
from pvara.kernel.regime import as_text

NOC = """
move                  | source                                                                                                          | target              | who                       | gates                                                                                                                                                                                                                                                                     | letter | clock
submit                | draft                                                                                                           | submitted           | the firm's signatory      | sections_are_complete, declaration_is_signed, fee_reference_is_given, no_other_case_is_open                                                                                                                                                                               | L01    | start:decision
accept_intake         | submitted                                                                                                       | completeness_check  | Case officer              | fee_is_confirmed, officer_did_not_record_the_payment                                                                                                                                                                                                                      |        | start:intake
return_incomplete     | completeness_check                                                                                              | returned_incomplete | Supervisor                | deficiencies_are_drafted, returner_did_not_draft, rounds_are_left                                                                                                                                                                                                         | L02    | pause:intake, pause:decision, start:answer
resubmit              | returned_incomplete                                                                                             | completeness_check  | the firm's signatory      | deficiencies_are_answered, sections_are_complete, declaration_is_signed                                                                                                                                                                                                   |        | resume:intake, resume:decision, stop:answer
reject_incomplete     | completeness_check, returned_incomplete                                                                         | rejected_incomplete | Supervisor, the scheduler | time_or_rounds_are_used_up                                                                                                                                                                                                                                                | L03    | halt:all
declare_complete      | completeness_check                                                                                              | under_assessment    | Case officer              | checklist_is_complete                                                                                                                                                                                                                                                     | L04    | stop:intake
raise_rfi             | under_assessment                                                                                                | rfi                 | Case officer, Assessor    | questions_are_drafted                                                                                                                                                                                                                                                     | L05    |
answer_rfi            | rfi                                                                                                             | under_assessment    | the firm's signatory      | questions_are_answered                                                                                                                                                                                                                                                    |        |
recommend             | under_assessment                                                                                                | recommended         | Supervisor                | criteria_are_rated_and_moderated, consultations_are_closed, requests_are_closed, key_individuals_are_fit_and_proper, ownership_is_disclosed_to_natural_persons, recommender_is_not_case_officer, recommender_did_not_assess                                               |        |
grant_noc             | recommended                                                                                                     | granted             | Committee member          | score_clears_g1, no_blocking_objection_stands, score_is_clear_of_g1_conditions, no_condition_is_drafted, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, officers_are_approved, votes_carry_the_decision | L10    | stop:decision
grant_with_conditions | recommended                                                                                                     | granted             | Committee member          | score_clears_g1, no_blocking_objection_stands, conditions_are_drafted, drafted_conditions_can_be_met, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, officers_are_approved, votes_carry_the_decision    | L10    | stop:decision
notify_refusal        | recommended                                                                                                     | minded_to_refuse    | Committee member          | grounds_are_drafted, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                            | L11    | start:representations
refuse_noc            | minded_to_refuse                                                                                                | refused             | Committee member          | firm_was_heard, representations_are_considered, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                 | L12    | halt:all
reopen                | minded_to_refuse                                                                                                | recommended         | Committee member          | representations_are_considered, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal                                                                                                                           |        | stop:representations
remit                 | refused                                                                                                         | recommended         | the scheduler             | appeal_took_the_refusal_away, no_other_case_is_open                                                                                                                                                                                                                       |        | start:decision
withdraw              | draft, submitted, completeness_check, returned_incomplete, under_assessment, rfi, recommended, minded_to_refuse | withdrawn           | the firm's signatory      |                                                                                                                                                                                                                                                                           | L13    | halt:all
lapse                 | draft, returned_incomplete, rfi                                                                                 | lapsed              | the scheduler             | applicant_was_silent                                                                                                                                                                                                                                                      | L14    | halt:all
ask_to_extend         | granted                                                                                                         | granted             | the firm's signatory      | noc_is_in_term, noc_was_not_extended, no_extension_waits                                                                                                                                                                                                                  |        |
extend_noc            | granted                                                                                                         | granted             | Committee member          | noc_is_in_term, noc_was_not_extended, extension_was_asked_for, decider_is_not_case_officer, votes_carry_the_decision                                                                                                                                                      | L10    |
suspend_noc           | granted                                                                                                         | suspended           | Supervisor                | decider_is_not_case_officer                                                                                                                                                                                                                                               | L16    |
reinstate_noc         | suspended                                                                                                       | granted             | Committee member          | noc_is_in_term, reinstater_is_not_suspender, decider_is_not_case_officer, votes_carry_the_decision                                                                                                                                                                        | L10    |
revoke_noc            | granted, suspended                                                                                              | revoked             | Committee member          | revoker_is_not_suspender, decider_is_not_case_officer, votes_carry_the_decision                                                                                                                                                                                           | L17    |
expire_noc            | granted, suspended                                                                                              | expired             | the scheduler             | noc_term_or_set_up_has_ended                                                                                                                                                                                                                                              | L15    |
restore_noc           | suspended, revoked                                                                                              | granted             | the scheduler             | appeal_took_the_loss_of_the_noc_away, no_other_noc_is_live, noc_is_in_term, no_suspension_lies_beneath                                                                                                                                                                    | L10    |
restore_noc_suspended | revoked                                                                                                         | suspended           | the scheduler             | appeal_took_the_loss_of_the_noc_away, no_other_noc_is_live, noc_is_in_term, a_suspension_lies_beneath                                                                                                                                                                     |        |
"""

SETUP = """
move            | source | target   | who                  | gates                                                                                                                                | letter | clock
confirm_setup   | open   | complete | Supervisor           | milestones_are_verified, subsidiary_is_held, noc_is_in_force, score_clears_g2, confirmer_did_not_verify, decider_is_not_case_officer | L22    | stop:set_up
ask_to_extend   | open   | open     | the firm's signatory | setup_was_not_extended, no_extension_waits                                                                                           |        |
extend_setup    | open   | open     | Supervisor           | setup_was_not_extended, extension_was_asked_for, decider_is_not_case_officer                                                         |        |
lapse           | open   | lapsed   | the scheduler        | setup_time_or_noc_has_ended                                                                                                          | L24    | halt:all
reopen_with_noc | lapsed | open     | the scheduler        | noc_is_in_force, setup_lapsed_with_its_noc                                                                                           | L20    | start:set_up
"""

AML = """
move                      | source               | target    | who                  | gates                                                                                                                                                                                                    | letter | clock
permit_aml_services       | requested            | permitted | Committee member     | aml_services_are_switched_on, services_may_be_registered, aml_milestones_are_verified, noc_is_in_force, score_clears_g2a, decider_did_not_verify, decider_did_not_assess, decider_is_new_after_an_appeal | L23    | halt:all
refuse_aml_services       | requested            | refused   | Committee member     | decider_did_not_verify, decider_did_not_assess, decider_is_new_after_an_appeal                                                                                                                           | L12    | halt:all
remit                     | refused              | requested | the scheduler        | appeal_took_the_refusal_away, noc_is_in_force, no_other_request_is_live                                                                                                                                  |        | start:decision
withdraw                  | requested            | withdrawn | the firm's signatory |                                                                                                                                                                                                          |        | halt:all
end_aml_services          | permitted            | ended     | Committee member     |                                                                                                                                                                                                          |        |
end_with_noc              | requested, permitted | ended     | the scheduler        | noc_is_no_longer_in_force                                                                                                                                                                                |        | halt:all
end_with_licence_decision | requested, permitted | ended     | the scheduler        | full_licence_is_decided                                                                                                                                                                                  |        | halt:all
"""

MILESTONE = """
move           | source             | target    | who          | gates                                                                          | letter | clock
submit         | pending, deficient | submitted | the firm     | particulars_are_given, evidence_is_attached                                    |        | start:verification
verify         | submitted          | verified  | Case officer | verifier_is_not_submitter, identifiers_are_nobody_elses, officers_are_approved |        | stop:verification
find_deficient | submitted          | deficient | Case officer |                                                                                | L21    | stop:verification
"""

FULL = """
move                    | source                                                                                                                                    | target              | who                       | gates                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       | letter | clock
submit                  | draft                                                                                                                                     | submitted           | the firm's signatory      | sections_are_complete, declaration_is_signed, fee_reference_is_given, noc_is_in_force, no_other_case_is_open, no_licence_is_live, window_is_open                                                                                                                                                                                                                                                                                                                                                            | L30    | start:completeness
accept_intake           | submitted                                                                                                                                 | completeness_check  | Case officer              | fee_is_confirmed, officer_did_not_record_the_payment                                                                                                                                                                                                                                                                                                                                                                                                                                                        |        |
return_incomplete       | completeness_check                                                                                                                        | returned_incomplete | Supervisor                | deficiencies_are_drafted, returner_did_not_draft, rounds_are_left                                                                                                                                                                                                                                                                                                                                                                                                                                           | L31    | pause:completeness, start:answer
resubmit                | returned_incomplete                                                                                                                       | completeness_check  | the firm's signatory      | deficiencies_are_answered, sections_are_complete, declaration_is_signed                                                                                                                                                                                                                                                                                                                                                                                                                                     |        | resume:completeness, stop:answer
reject_incomplete       | completeness_check, returned_incomplete                                                                                                   | rejected_incomplete | Supervisor, the scheduler | time_or_rounds_are_used_up                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  | L03    | halt:all
declare_complete        | completeness_check                                                                                                                        | under_assessment    | Case officer              | checklist_is_complete                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       | L32    | stop:completeness, start:decision
raise_rfi               | under_assessment                                                                                                                          | rfi                 | Case officer, Assessor    | questions_are_drafted                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       | L33    |
answer_rfi              | rfi                                                                                                                                       | under_assessment    | the firm's signatory      | questions_are_answered                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      |        |
schedule_inspection     | under_assessment                                                                                                                          | inspection          | Case officer              | inspection_is_scheduled                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     |        |
report_inspection       | inspection                                                                                                                                | under_assessment    | Case officer              | inspection_is_over                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          |        |
recommend               | under_assessment                                                                                                                          | recommended         | Supervisor                | criteria_are_rated_and_moderated, consultations_are_closed, inspection_is_closed, no_critical_finding_is_open, requests_are_closed, key_individuals_are_fit_and_proper, ownership_is_disclosed_to_natural_persons, recommender_is_not_case_officer, recommender_did_not_assess                                                                                                                                                                                                                              |        |
approve_in_principle    | recommended                                                                                                                               | in_principle        | Committee member          | score_clears_g3, no_high_finding_is_open, no_blocking_objection_stands, score_is_clear_of_g3_conditions, criteria_of_the_activities_are_met, capital_is_paid_up, drafted_conditions_can_be_met, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, officers_are_approved, votes_carry_the_decision                                                                                                                                            | L35    | stop:decision, start:conditions
approve_with_conditions | recommended                                                                                                                               | in_principle        | Committee member          | score_clears_g3, no_critical_finding_is_open, no_blocking_objection_stands, criteria_of_the_activities_are_met, capital_is_paid_up, conditions_are_drafted, drafted_conditions_can_be_met, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, officers_are_approved, votes_carry_the_decision                                                                                                                                                 | L35    | stop:decision, start:conditions
notify_refusal          | recommended                                                                                                                               | minded_to_refuse    | Committee member          | grounds_are_drafted, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                                                                                                                                                                                                                                              | L11    | start:representations
refuse_licence          | minded_to_refuse                                                                                                                          | refused             | Committee member          | firm_was_heard, representations_are_considered, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                                                                                                                                                                                                                   | L12    | halt:all
reopen                  | minded_to_refuse                                                                                                                          | recommended         | Committee member          | representations_are_considered, decider_is_not_recommender, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal                                                                                                                                                                                                                                                                                                                                                             |        | stop:representations
remit                   | refused                                                                                                                                   | recommended         | the scheduler             | appeal_took_the_refusal_away, no_other_case_is_open, no_licence_is_live                                                                                                                                                                                                                                                                                                                                                                                                                                     |        | start:decision
grant_licence           | in_principle                                                                                                                              | licensed            | Board member              | score_clears_g3, no_blocking_objection_stands, no_critical_finding_is_open, conditions_are_imposed_where_compulsory, conditions_precedent_are_met, key_individuals_are_fit_and_proper, ownership_is_disclosed_to_natural_persons, criteria_of_the_activities_are_met, capital_is_paid_up, annual_fee_is_paid, noc_is_in_force, granter_is_not_recommender_or_approver, decider_is_not_case_officer, decider_did_not_assess, decider_is_new_after_an_appeal, officers_are_approved, votes_carry_the_decision | L40    | halt:all
withdraw                | draft, submitted, completeness_check, returned_incomplete, under_assessment, rfi, inspection, recommended, minded_to_refuse, in_principle | withdrawn           | the firm's signatory      |                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             | L13    | halt:all
lapse                   | draft, returned_incomplete, rfi                                                                                                           | lapsed              | the scheduler             | applicant_was_silent                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        | L14    | halt:all
let_approval_lapse      | in_principle                                                                                                                              | lapsed              | the scheduler             | time_for_the_conditions_is_over, a_condition_precedent_is_unmet                                                                                                                                                                                                                                                                                                                                                                                                                                             | L14    | halt:all
"""

REQUEST = """
move              | source                | target   | who                    | gates                                         | letter | clock
put               | draft, answered       | open     | the scheduler          |                                               |        | start:answer
hand_in           | open                  | answered | the scheduler          |                                               |        | stop:answer
ask_for_more_time | open                  | open     | the firm's signatory   | more_time_was_not_asked_for, time_is_not_over |        |
grant_more_time   | open                  | open     | Case officer, Assessor | more_time_waits_for_an_answer                 |        |
decline_more_time | open                  | open     | Case officer, Assessor | more_time_waits_for_an_answer                 |        |
close             | answered              | closed   | Case officer, Assessor | nothing_is_left_to_ask                        |        |
end_with_case     | draft, open, answered | ended    | the scheduler          |                                               |        | halt:all
"""

CONDITION = """
move            | source                            | target             | who              | gates                       | letter | clock
impose          | drafted                           | open               | the scheduler    | decision_imposes_conditions |        |
submit_evidence | open, overdue                     | evidence_submitted | the firm         | condition_is_proved         |        |
find_satisfied  | evidence_submitted                | satisfied          | Case officer     | verifier_did_not_submit     |        |
send_back       | evidence_submitted                | open               | Case officer     |                             |        |
waive           | open, evidence_submitted, overdue | waived             | Committee member | decider_is_not_case_officer |        |
fall_overdue    | open                              | overdue            | the scheduler    | due_day_has_passed          |        |
"""

LICENCE = """
move                          | source                                                                | target              | who                  | gates                                                                                                                                                                                                                                                                        | letter | clock
impose_restriction            | active, active_restricted                                             | active_restricted   | Committee member     | restriction_is_proposed, decider_did_not_propose_restriction, votes_carry_the_decision                                                                                                                                                                                       | L41    |
lift_restriction              | active_restricted                                                     | active              | Committee member     | lifting_is_proposed, every_restriction_is_to_be_lifted, lifter_did_not_propose_it, votes_carry_the_decision                                                                                                                                                                  | L41    |
ease_restrictions             | active_restricted                                                     | active_restricted   | Committee member     | lifting_is_proposed, a_restriction_remains, lifter_did_not_propose_it, votes_carry_the_decision                                                                                                                                                                              | L41    |
issue_show_cause              | active, active_restricted                                             | show_cause          | Enforcement officer  | show_cause_is_drafted                                                                                                                                                                                                                                                        | L50    | start:reply
dismiss_show_cause            | show_cause                                                            | active              | Committee member     | firm_was_heard, no_restriction_stands, decider_did_not_issue_the_notice, votes_carry_the_decision                                                                                                                                                                            |        | stop:reply
dismiss_show_cause_restricted | show_cause                                                            | active_restricted   | Committee member     | firm_was_heard, a_restriction_stands, decider_did_not_issue_the_notice, votes_carry_the_decision                                                                                                                                                                             |        | stop:reply
suspend                       | show_cause                                                            | suspended           | Committee member     | suspension_is_proposed, period_suits, firm_was_heard, decider_did_not_propose_suspension, decider_did_not_issue_the_notice, votes_carry_the_decision                                                                                                                         | L51    | stop:reply
prolong_suspension            | suspended                                                             | suspended           | Committee member     | suspension_is_proposed, period_suits, firm_was_heard, decider_did_not_propose_suspension, votes_carry_the_decision                                                                                                                                                           | L51    |
urgent_suspend                | active, active_restricted, show_cause, surrender_requested            | suspended           | Board member         | urgent_suspension_is_proposed, grounds_are_urgent, urgent_period_suits, confirmer_did_not_propose, decider_did_not_issue_the_notice                                                                                                                                          | L52    | halt:all, start:hearing
hold_hearing                  | suspended                                                             | suspended           | Enforcement officer  | hearing_is_outstanding                                                                                                                                                                                                                                                       |        | stop:hearing
reinstate                     | suspended                                                             | active              | Committee member     | licence_is_in_term, score_clears_g4, remedy_is_verified, reinstater_is_not_suspender, reinstater_did_not_verify_the_remedy, returns_are_up_to_date, no_invoice_is_unpaid, no_restriction_stands, votes_carry_the_decision                                                    | L53    | halt:all
reinstate_restricted          | suspended                                                             | active_restricted   | Committee member     | licence_is_in_term, score_clears_g4, remedy_is_verified, reinstater_is_not_suspender, reinstater_did_not_verify_the_remedy, returns_are_up_to_date, no_invoice_is_unpaid, a_restriction_stands_or_is_proposed, decider_did_not_propose_restriction, votes_carry_the_decision | L53    | halt:all
revoke                        | show_cause, suspended                                                 | revoked             | Board member         | revocation_is_proposed, firm_was_heard, revoker_did_not_propose, decider_did_not_issue_the_notice, revoker_is_not_suspender, votes_carry_the_decision                                                                                                                        | L54    | halt:all
request_surrender             | active, active_restricted                                             | surrender_requested | the firm's signatory | surrender_is_declared                                                                                                                                                                                                                                                        |        | start:surrender
accept_surrender              | surrender_requested                                                   | surrendered         | Committee member     | client_assets_are_returned, no_enforcement_is_open, decider_did_not_confirm_the_assets, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                             | L55    | halt:all
refuse_surrender              | surrender_requested                                                   | active              | Committee member     | no_restriction_stands, decider_did_not_confirm_the_assets, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                                                          | L12    | stop:surrender
refuse_surrender_restricted   | surrender_requested                                                   | active_restricted   | Committee member     | a_restriction_stands, decider_did_not_confirm_the_assets, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                                                           | L12    | stop:surrender
expire                        | active, active_restricted, show_cause, surrender_requested, suspended | expired             | the scheduler        | term_and_grace_have_ended, no_renewal_is_pending                                                                                                                                                                                                                             | L56    | halt:all
restore                       | revoked, suspended                                                    | active              | the scheduler        | appeal_took_the_decision_away, no_other_licence_is_live, no_suspension_stands, no_restriction_stands                                                                                                                                                                         | L53    | halt:all
restore_restricted            | revoked, suspended                                                    | active_restricted   | the scheduler        | appeal_took_the_decision_away, no_other_licence_is_live, no_suspension_stands, a_restriction_stands                                                                                                                                                                          | L53    | halt:all
restore_suspended             | revoked                                                               | suspended           | the scheduler        | appeal_took_the_decision_away, no_other_licence_is_live, a_suspension_stands                                                                                                                                                                                                 |        |
lift_after_appeal             | active_restricted                                                     | active              | the scheduler        | appeal_took_a_restriction_away, no_other_restriction_stands                                                                                                                                                                                                                  | L41    |
ease_after_appeal             | active_restricted                                                     | active_restricted   | the scheduler        | appeal_took_a_restriction_away, another_restriction_stands                                                                                                                                                                                                                   | L41    |
take_up_surrender_again       | active, active_restricted                                             | surrender_requested | the scheduler        | appeal_took_the_refusal_of_surrender_away, surrender_is_declared                                                                                                                                                                                                             |        | start:surrender
"""

CONTROL = """
move               | source             | target       | who                  | gates                                               | letter | clock
assess             | notified           | assessed     | Case officer         |                                                     |        |
raise_no_objection | assessed           | no_objection | Committee member     | new_ownership_is_disclosed, decider_is_not_assessor |        |
object_to          | assessed           | objected     | Committee member     | decider_is_not_assessor                             |        |
withdraw           | notified, assessed | withdrawn    | the firm's signatory |                                                     |        |
"""

INDIVIDUAL = """
move                    | source                                                       | target               | who                          | gates                                                                                 | letter | clock
take_up                 | nominated                                                    | vetting              | Case officer                 |                                                                                       |        |
approve                 | vetting                                                      | approved             | Supervisor, Committee member | mlro_is_employed_in_house, role_is_vacant, checks_are_clear, decider_made_no_check    |        |
approve_with_conditions | vetting                                                      | approved_conditional | Supervisor, Committee member | mlro_is_employed_in_house, role_is_vacant, no_check_is_adverse, decider_made_no_check |        |
object_to               | vetting                                                      | objected             | Supervisor, Committee member | decider_made_no_check                                                                 |        |
report_departure        | nominated, vetting, approved, approved_conditional, objected | departed             | the firm                     |                                                                                       |        |
"""

RENEWAL = """
move             | source                  | target    | who                  | gates                                                                                                                                                                                     | letter | clock
fall_due         | not_due                 | due       | the scheduler        | renewal_window_is_open, licence_is_live                                                                                                                                                   |        |
submit           | due                     | submitted | the firm's signatory | renewal_is_declared, licence_is_live                                                                                                                                                      |        | start:decision
renew            | submitted               | renewed   | Committee member     | score_clears_g4, returns_are_up_to_date, renewal_fee_is_paid, no_invoice_is_unpaid, licence_is_in_force, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision | L43    | stop:decision
refuse_renewal   | submitted               | failed    | Committee member     | decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                          | L12    | stop:decision
end_with_licence | not_due, due, submitted | failed    | the scheduler        | licence_is_over                                                                                                                                                                           |        | halt:all
remit            | failed                  | submitted | the scheduler        | appeal_took_the_refusal_away, licence_is_live                                                                                                                                             |        | start:decision
begin_again      | failed                  | not_due   | the scheduler        | renewal_ended_with_its_licence, licence_is_live                                                                                                                                           |        |
"""

VARIATION = """
move             | source    | target    | who                  | gates                                                                                                                                                                                                                                   | letter | clock
vary             | requested | varied    | Committee member     | licence_is_in_force, variation_fee_is_paid, criteria_of_the_added_activities_are_met, capital_reaches_the_varied_licence, variation_suits_the_licence, decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision | L42    | stop:decision
refuse_variation | requested | refused   | Committee member     | decider_did_not_assess, decider_is_new_after_an_appeal, votes_carry_the_decision                                                                                                                                                        | L12    | stop:decision
withdraw         | requested | withdrawn | the firm's signatory |                                                                                                                                                                                                                                         |        | stop:decision
end_with_licence | requested | lapsed    | the scheduler        | licence_is_over                                                                                                                                                                                                                         |        | halt:all
remit            | refused   | requested | the scheduler        | appeal_took_the_refusal_away, licence_is_live, no_other_request_is_live                                                                                                                                                                 |        | start:decision
"""

APPEAL = """
move          | source                        | target       | who                                                    | gates                                                        | letter | clock
record_appeal | noticed                       | appeal_filed | Legal officer, Tribunal recorder                       | appeal_is_in_time_or_has_leave, recorder_took_no_part        | L57    | start:decision
turn_away     | noticed                       | not_admitted | Legal officer, Tribunal recorder                       | recorder_took_no_part                                        | L57    |
stay          | appeal_filed                  | stayed       | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    |
lift_stay     | stayed                        | appeal_filed | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    |
uphold        | appeal_filed, stayed          | upheld       | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    | halt:all
vary_decision | appeal_filed, stayed          | varied       | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    | halt:all
remit         | appeal_filed, stayed          | remitted     | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    | halt:all
set_aside     | appeal_filed, stayed          | set_aside    | Legal officer, Tribunal recorder                       | panel_is_complete, panel_took_no_part, recorder_took_no_part | L57    | halt:all
withdraw      | noticed, appeal_filed, stayed | withdrawn    | the firm's signatory, Legal officer, Tribunal recorder |                                                              |        | halt:all
"""

CONSULTATION = """
move                     | source              | target   | who           | gates                                                                   | letter | clock
record_reply             | requested, no_reply | replied  | Case officer  | reply_is_on_record                                                      |        | halt:all
close_without_reply      | requested           | no_reply | Case officer  | time_to_reply_is_over                                                   |        | halt:all
go_on_over_the_objection | replied             | replied  | Board member  | objection_blocks, objection_is_not_overridden, votes_carry_the_decision |        |
end_with_case            | requested           | ended    | the scheduler |                                                                         |        | halt:all
"""

FINDING = """
move               | source                        | target      | who                      | gates                                              | letter | clock
agree_plan         | open                          | plan_agreed | Case officer             | plan_is_given                                      |        |
report_remediation | plan_agreed                   | remediated  | the firm                 | remediation_is_evidenced                           |        |
verify             | remediated                    | verified    | Case officer, Supervisor | verifier_is_not_raiser, verifier_is_not_remediator |        |
send_back          | remediated                    | plan_agreed | Case officer, Supervisor |                                                    |        |
close              | open, plan_agreed, remediated | closed      | Supervisor               | closer_is_not_raiser                               |        |
"""

INSPECTION = """
move   | source    | target    | who                         | gates                                                | letter | clock
report | scheduled | reported  | Case officer                | day_of_the_inspection_has_come, results_are_recorded |        |
cancel | scheduled | cancelled | Case officer, the scheduler |                                                      |        |
"""

INCIDENT = """
move   | source   | target   | who        | gates | letter | clock
close  | reported | closed   | Supervisor |       |        |
reopen | closed   | reported | Supervisor |       |        |
"""

RETURN = """
move   | source       | target   | who        | gates                                   | letter | clock
file   | due, queried | filed    | the firm   | figures_are_filed, return_is_documented |        |
query  | filed        | queried  | Supervisor |                                         |        |
accept | filed        | accepted | Supervisor |                                         |        |
"""

SETTING = """
move     | source   | target    | who                                        | gates                                                                             | letter | clock
publish  | proposed | published | Board member                               | publisher_did_not_propose_it, first_day_is_to_come, no_newer_version_is_published |        |
refuse   | proposed | refused   | Board member                               |                                                                                   |        |
withdraw | proposed | withdrawn | Supervisor, Finance officer, Legal officer | withdrawn_by_its_proposer                                                         |        |
"""

TABLES = {
    NocApplication: NOC,
    Consultation: CONSULTATION,
    SetUp: SETUP,
    AmlRegistration: AML,
    Milestone: MILESTONE,
    LicenceApplication: FULL,
    Condition: CONDITION,
    Finding: FINDING,
    Inspection: INSPECTION,
    InformationRequest: REQUEST,
    Licence: LICENCE,
    Appeal: APPEAL,
    ChangeOfControl: CONTROL,
    Incident: INCIDENT,
    KeyIndividual: INDIVIDUAL,
    Renewal: RENEWAL,
    Filing: RETURN,
    Variation: VARIATION,
    SettingChange: SETTING,
}


# Whose tables stand beside the tests of what they do.
ELSEWHERE = (Evidence, Letter, Invoice, Mou, Deliverable)


@pytest.mark.parametrize(("model", "table"), TABLES.items())
def test_the_machine_reads_as_the_regime(model, table):
    assert as_text(model) == table.strip()


def test_every_machine_of_licensing_has_its_table_in_the_order_of_the_regime():
    here = [model for model in machines() if model._meta.app_label == "licensing"]
    assert here == [*list(TABLES)[:-1], *ELSEWHERE, SettingChange]


def test_who_gives_reasons():
    """What is against the firm, and what others will rely on, is not done without a word."""
    assert {
        model: [row.name for row in moves_of(model).values() if row.note_required] for model in [*TABLES, *ELSEWHERE]
    } == {
        NocApplication: [
            "return_incomplete",
            "reject_incomplete",
            "recommend",
            "notify_refusal",
            "refuse_noc",
            "reopen",
            "remit",
            "withdraw",
            "lapse",
            "ask_to_extend",
            "suspend_noc",
            "reinstate_noc",
            "revoke_noc",
            "restore_noc",
            "restore_noc_suspended",
        ],
        Consultation: ["go_on_over_the_objection"],
        SetUp: ["ask_to_extend", "lapse", "reopen_with_noc"],
        AmlRegistration: [
            "refuse_aml_services",
            "remit",
            "withdraw",
            "end_aml_services",
            "end_with_noc",
            "end_with_licence_decision",
        ],
        Milestone: ["find_deficient"],
        LicenceApplication: [
            "return_incomplete",
            "reject_incomplete",
            "report_inspection",
            "recommend",
            "notify_refusal",
            "refuse_licence",
            "reopen",
            "remit",
            "withdraw",
            "lapse",
            "let_approval_lapse",
        ],
        Condition: ["impose", "send_back", "waive"],
        Finding: ["report_remediation", "verify", "send_back", "close"],
        Inspection: ["report", "cancel"],
        InformationRequest: ["ask_for_more_time", "decline_more_time"],
        Licence: [
            "impose_restriction",
            "lift_restriction",
            "ease_restrictions",
            "dismiss_show_cause",
            "dismiss_show_cause_restricted",
            "suspend",
            "prolong_suspension",
            "urgent_suspend",
            "hold_hearing",
            "reinstate",
            "reinstate_restricted",
            "revoke",
            "refuse_surrender",
            "refuse_surrender_restricted",
            "restore",
            "restore_restricted",
            "restore_suspended",
            "lift_after_appeal",
            "ease_after_appeal",
            "take_up_surrender_again",
        ],
        Appeal: ["turn_away", "stay", "lift_stay", "uphold", "vary_decision", "remit", "set_aside", "withdraw"],
        ChangeOfControl: ["assess", "object_to", "withdraw"],
        Incident: ["close", "reopen"],
        KeyIndividual: ["approve_with_conditions", "object_to", "report_departure"],
        Renewal: ["refuse_renewal", "end_with_licence", "remit", "begin_again"],
        Filing: ["query"],
        Variation: ["refuse_variation", "withdraw", "end_with_licence", "remit"],
        Evidence: ["reject"],
        Letter: ["write_anew"],
        Invoice: ["reopen", "reopen_in_part", "waive", "cancel"],
        Mou: ["end"],
        Deliverable: ["record_delivery", "send_back", "drop"],
        SettingChange: ["refuse", "withdraw"],
    }


def test_who_made_a_move_is_kept_where_another_may_not_be_the_same():
    assert {
        model: {row.name: row.signed_as for row in moves_of(model).values() if row.signed_as}
        for model in [*TABLES, *ELSEWHERE]
    } == {
        NocApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "return_incomplete": "returned_by",
            "reject_incomplete": "rejected_by",
            "recommend": "recommended_by",
            "grant_noc": "decided_by",
            "grant_with_conditions": "decided_by",
            "refuse_noc": "decided_by",
            "suspend_noc": "suspended_by",
            "revoke_noc": "revoked_by",
        },
        Consultation: {},
        SetUp: {"confirm_setup": "confirmed_by"},
        AmlRegistration: {
            "permit_aml_services": "decided_by",
            "refuse_aml_services": "decided_by",
            "end_aml_services": "ended_by",
        },
        Milestone: {"submit": "submitted_by", "verify": "verified_by"},
        LicenceApplication: {
            "submit": "submitted_by",
            "accept_intake": "case_officer",
            "return_incomplete": "returned_by",
            "reject_incomplete": "rejected_by",
            "recommend": "recommended_by",
            "approve_in_principle": "decided_by",
            "approve_with_conditions": "decided_by",
            "refuse_licence": "decided_by",
            "grant_licence": "granted_by",
        },
        Condition: {"submit_evidence": "submitted_by", "find_satisfied": "verified_by", "waive": "waived_by"},
        Finding: {"report_remediation": "remediated_by", "verify": "verified_by", "close": "closed_by"},
        Inspection: {"report": "reported_by"},
        InformationRequest: {},
        Licence: {
            "issue_show_cause": "show_cause_by",
            "suspend": "suspended_by",
            "urgent_suspend": "suspended_by",
            "revoke": "revoked_by",
        },
        Appeal: {
            "record_appeal": "recorded_by",
            "turn_away": "recorded_by",
            "uphold": "closed_by",
            "vary_decision": "closed_by",
            "remit": "closed_by",
            "set_aside": "closed_by",
        },
        ChangeOfControl: {"assess": "assessed_by", "raise_no_objection": "decided_by", "object_to": "decided_by"},
        Incident: {"close": "closed_by"},
        KeyIndividual: {
            "take_up": "vetted_by",
            "approve": "decided_by",
            "approve_with_conditions": "decided_by",
            "object_to": "decided_by",
        },
        Renewal: {"submit": "submitted_by", "renew": "decided_by", "refuse_renewal": "decided_by"},
        Filing: {"file": "filed_by", "accept": "accepted_by"},
        Variation: {"vary": "decided_by", "refuse_variation": "decided_by"},
        Evidence: {"accept": "accepted_by"},
        Letter: {"approve": "approved_by"},
        Invoice: {"waive": "waived_by", "cancel": "cancelled_by"},
        Mou: {"sign": "recorded_by", "end": "ended_by"},
        Deliverable: {"record_delivery": "delivery_recorded_by", "accept": "accepted_by", "drop": "dropped_by"},
        SettingChange: {"publish": "published_by", "refuse": "refused_by"},
    }


@pytest.mark.parametrize(
    ("model", "initial", "final"),
    [
        (
            NocApplication,
            "draft",
            {"rejected_incomplete", "withdrawn", "lapsed", "expired"},
        ),
        (Consultation, "requested", {"ended"}),
        (Inspection, "scheduled", {"reported", "cancelled"}),
        (Filing, "due", {"accepted"}),
        (Incident, "reported", set()),
        (Finding, "open", {"verified", "closed"}),
        (Mou, "draft", {"ended"}),
        (Deliverable, "promised", {"accepted", "dropped"}),
        (SettingChange, "proposed", {"published", "refused", "withdrawn"}),
        (SetUp, "open", {"complete"}),
        (AmlRegistration, "requested", {"withdrawn", "ended"}),
        (Milestone, "pending", {"verified"}),
        (
            LicenceApplication,
            "draft",
            {"licensed", "rejected_incomplete", "withdrawn", "lapsed"},
        ),
        (InformationRequest, "draft", {"closed", "ended"}),
        (Condition, "drafted", {"satisfied", "waived"}),
        # A revocation may be taken away by an appeal, a refusal sent back by one; what expired or was given back is over.
        (Licence, "active", {"surrendered", "expired"}),
        (
            Appeal,
            "noticed",
            {"upheld", "varied", "remitted", "set_aside", "withdrawn", "not_admitted"},
        ),
        (Renewal, "not_due", {"renewed"}),
        (Variation, "requested", {"varied", "withdrawn", "lapsed"}),
        (ChangeOfControl, "notified", {"no_objection", "objected", "withdrawn"}),
        (KeyIndividual, "nominated", {"departed"}),
        (Evidence, "uploaded", {"rejected"}),
        (Letter, "draft", {"superseded", "revoked"}),
        (Invoice, "issued", {"waived", "cancelled"}),
    ],
)
def test_every_state_can_be_reached_and_only_the_last_ones_not_left(model, initial, final):
    field = model._meta.get_field("state")
    states = {value for value, _ in field.choices}
    rows = moves_of(model).values()
    assert (field.default, {row.target for row in rows} | {initial}) == (initial, states)
    assert states - {source for row in rows for source in row.sources} == final


def test_a_case_is_a_draft_or_open_or_closed():
    """The database lets a firm have one open case of a kind; open is what the constraint says."""
    names = {NocApplication: "noc_one_open_case_a_firm", LicenceApplication: "full_one_open_case_a_firm"}
    for model, name in names.items():
        (found,) = [each for each in model._meta.constraints if each.name == name]
        ((_, in_hand),) = found.condition.children
        states = {value for value, _ in model._meta.get_field("state").choices}
        assert model.closed_states == states - set(in_hand) - {"draft"}
