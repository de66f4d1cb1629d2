# ruff: noqa: E501  the tables are as wide as the regime
"""The registry's machines as the regulator would write them."""

from pvara.kernel.regime import as_text
from tokenisation.models import (
    Asset,
    AssetDocument,
    Break,
    CorporateAction,
    DistributionAuthorisation,
    Order,
    RateFixing,
    ReserveAttestation,
    SettlementPermission,
    SubLimit,
)

ASSET = """
move              | source                  | target       | who           | gates                                                                                                                                                                                | letter | clock
submit_for_review | draft                   | under_review | Debt officer  | terms_are_complete, terms_suit_their_kind, documents_are_handed_in                                                                                                                   |        |
approve           | under_review            | approved     | Debt approver | authorities_have_approved, documents_are_handed_in, approver_is_not_proposer, terms_suit_their_kind, value_is_known, reserve_is_attested, programme_has_headroom, class_has_headroom |        |
reject            | under_review            | rejected     | Debt approver |                                                                                                                                                                                      |        |
withdraw          | draft, under_review     | withdrawn    | Debt officer  |                                                                                                                                                                                      |        |
issue             | approved                | issued       | Debt officer  | issuer_is_not_approver, reserve_is_attested, asset_has_not_matured, no_break_stands, approval_is_in_time                                                                             |        |
cancel            | approved                | cancelled    | Debt approver |                                                                                                                                                                                      |        |
lapse             | approved                | lapsed       | the scheduler | approval_has_run_out                                                                                                                                                                 |        |
pause             | issued                  | paused       | Debt approver |                                                                                                                                                                                      |        |
end_pause         | paused                  | issued       | Debt approver | reserve_is_attested, asset_has_not_matured                                                                                                                                           |        |
mature            | issued, paused          | matured      | the scheduler | maturity_has_come                                                                                                                                                                    |        |
record_default    | issued, paused, matured | defaulted    | the scheduler | default_is_established                                                                                                                                                               |        |
close_redeemed    | matured, defaulted      | redeemed     | the scheduler | nothing_is_outstanding                                                                                                                                                               |        |
"""

DOCUMENT = """
move     | source    | target    | who           | gates                                                    | letter | clock
publish  | handed_in | published | Debt approver | publisher_is_not_uploader, no_later_edition_is_published |        |
withdraw | handed_in | withdrawn | Debt officer  |                                                          |        |
"""

AUTHORISATION = """
move      | source                    | target     | who                          | gates                                                                     | letter | clock
suspend   | active                    | suspended  | Debt approver, the scheduler |                                                                           |        |
resume    | suspended                 | active     | Debt approver, the scheduler | venue_is_in_good_standing, asset_is_issued, authorisation_has_not_run_out |        |
lapse     | active, suspended         | lapsed     | the scheduler                | authorisation_has_run_out                                                 |        |
renew     | lapsed                    | active     | Debt approver                | venue_is_in_good_standing, asset_is_issued, authorisation_has_not_run_out |        |
terminate | active, suspended, lapsed | terminated | Debt approver, the scheduler |                                                                           |        |
"""

ORDER = """
move      | source   | target      | who           | gates                     | letter | clock
carry_out | proposed | carried_out | Debt approver | confirmer_is_not_proposer |        |
refuse    | proposed | refused     | Debt approver | confirmer_is_not_proposer |        |
withdraw  | proposed | withdrawn   | Debt officer  |                           |        |
"""

BREAK = """
move    | source    | target    | who           | gates                                        | letter | clock
explain | open      | explained | Debt officer  |                                              |        |
reopen  | explained | open      | Debt approver |                                              |        |
close   | explained | closed    | Debt approver | figures_agree_again, closer_is_not_explainer |        |
"""

CORPORATE_ACTION = """
move            | source       | target       | who                          | gates                                                                   | letter | clock
announce        | proposed     | announced    | Debt approver, the scheduler | action_is_a_payment, decider_is_not_proposer                            |        |
establish       | proposed     | established  | Debt approver                | action_is_an_event, decider_is_not_proposer                             |        |
refuse          | proposed     | refused      | Debt approver                | decider_is_not_proposer                                                 |        |
withdraw        | proposed     | withdrawn    | Debt officer                 |                                                                         |        |
call_off        | announced    | called_off   | Debt approver                | payment_is_not_of_the_terms                                             |        |
take_record     | announced    | record_taken | the scheduler                | record_date_is_over                                                     |        |
close_unheld    | record_taken | called_off   | the scheduler                | nobody_held_units                                                       |        |
fall_due        | record_taken | due          | the scheduler                | due_date_has_come                                                       |        | start:evidence
miss            | due          | missed       | the scheduler                | time_for_evidence_is_over                                               |        |
confirm_payment | due, missed  | paid         | Debt approver                | amount_is_known, evidence_covers_what_is_due, confirmer_is_not_recorder |        | halt:all
"""

RATE_FIXING = """
move     | source   | target    | who           | gates                               | letter | clock
fix      | proposed | fixed     | Debt approver | fixer_is_not_proposer, rate_is_open |        |
refuse   | proposed | refused   | Debt approver | fixer_is_not_proposer               |        |
withdraw | proposed | withdrawn | Debt officer  |                                     |        |
"""

SUB_LIMIT = """
move     | source   | target    | who           | gates                                                                                     | letter | clock
confirm  | proposed | confirmed | Debt approver | limit_confirmer_is_not_proposer, limit_begins_today_or_later, no_later_limit_is_confirmed |        |
refuse   | proposed | refused   | Debt approver | limit_confirmer_is_not_proposer                                                           |        |
withdraw | proposed | withdrawn | Debt officer  |                                                                                           |        |
"""

SETTLEMENT_PERMISSION = """
move     | source   | target    | who           | gates                                                                                                                                 | letter | clock
confirm  | proposed | confirmed | Debt approver | permit_confirmer_is_not_proposer, permit_begins_on_a_day_to_come, no_later_row_is_listed, permit_is_a_change, default_stays_permitted |        |
refuse   | proposed | refused   | Debt approver | permit_confirmer_is_not_proposer                                                                                                      |        |
withdraw | proposed | withdrawn | Debt officer  |                                                                                                                                       |        |
"""


ATTESTATION = """
move      | source              | target     | who                         | gates                                                                                                                       | letter | clock
accept    | submitted           | accepted   | Debt approver               | attestation_decider_is_not_recorder, attestation_is_in_force, attestation_suits_the_terms, no_later_attestation_is_accepted |        |
reject    | submitted           | rejected   | Debt approver               | attestation_decider_is_not_recorder                                                                                         |        |
supersede | accepted            | superseded | the scheduler               | a_later_attestation_is_accepted                                                                                             |        |
expire    | submitted, accepted | expired    | the scheduler               | attestation_has_run_out                                                                                                     |        |
withdraw  | submitted, accepted | withdrawn  | Debt officer, Debt approver |                                                                                                                             |        |
"""


def test_the_life_of_an_asset():
    assert as_text(Asset) == ASSET.strip()


def test_the_life_of_a_document():
    assert as_text(AssetDocument) == DOCUMENT.strip()


def test_the_life_of_an_authorisation():
    assert as_text(DistributionAuthorisation) == AUTHORISATION.strip()


def test_the_life_of_an_order():
    assert as_text(Order) == ORDER.strip()


def test_the_life_of_a_break():
    assert as_text(Break) == BREAK.strip()


def test_the_life_of_a_corporate_action():
    assert as_text(CorporateAction) == CORPORATE_ACTION.strip()


def test_the_life_of_a_fixing():
    assert as_text(RateFixing) == RATE_FIXING.strip()


def test_the_life_of_a_sub_limit():
    assert as_text(SubLimit) == SUB_LIMIT.strip()


def test_the_life_of_a_permission_to_settle():
    assert as_text(SettlementPermission) == SETTLEMENT_PERMISSION.strip()


def test_the_life_of_an_attestation():
    assert as_text(ReserveAttestation) == ATTESTATION.strip()
