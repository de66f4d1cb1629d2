# ruff: noqa: E501  the tables are as wide as the regime
"""The registry's machines as the regulator would write them."""

from pvara.kernel.regime import as_text
from tokenisation.models import Asset, DistributionAuthorisation

ASSET = """
move              | source              | target       | who           | gates                                                                                                            | letter | clock
submit_for_review | draft               | under_review | Debt officer  | terms_are_complete                                                                                               |        |
approve           | under_review        | approved     | Debt approver | authorities_have_approved, approver_is_not_proposer, value_is_known, reserve_is_attested, programme_has_headroom |        |
reject            | under_review        | rejected     | Debt approver |                                                                                                                  |        |
withdraw          | draft, under_review | withdrawn    | Debt officer  |                                                                                                                  |        |
issue             | approved            | issued       | Debt officer  | issuer_is_not_approver, reserve_is_attested, asset_has_not_matured                                               |        |
cancel            | approved            | cancelled    | Debt approver |                                                                                                                  |        |
pause             | issued              | paused       | Debt approver |                                                                                                                  |        |
end_pause         | paused              | issued       | Debt approver | reserve_is_attested, asset_has_not_matured                                                                       |        |
mature            | issued, paused      | matured      | the scheduler | maturity_has_come                                                                                                |        |
"""

AUTHORISATION = """
move      | source            | target     | who                          | gates                                      | letter | clock
suspend   | active            | suspended  | Debt approver, the scheduler |                                            |        |
resume    | suspended         | active     | Debt approver, the scheduler | venue_is_in_good_standing, asset_is_issued |        |
terminate | active, suspended | terminated | Debt approver, the scheduler |                                            |        |
"""


def test_the_life_of_an_asset():
    assert as_text(Asset) == ASSET.strip()


def test_the_life_of_an_authorisation():
    assert as_text(DistributionAuthorisation) == AUTHORISATION.strip()
