"""The addresses of the registry below `/staff/`."""

from django.urls import path

from tokenisation.faces.staff import assets, breaks, corporate, exposure, files, limits, orders, programme

urlpatterns = [
    path("programme/", programme.programme, name="programme"),
    path("programme/rates/", programme.rate_new, name="rate_new"),
    path("programme/propose/<str:shelf>/", programme.asset_new, name="asset_new"),
    path("programme/<int:pk>/exposure/", exposure.exposure, name="exposure"),
    path("programme/limits/", limits.limits, name="limits"),
    path("programme/limits/propose/", limits.limit_new, name="limit_new"),
    path("programme/limits/<int:pk>/", limits.limit, name="limit"),
    path("assets/<int:pk>/", assets.asset, name="asset"),
    path("assets/<int:pk>/approvals/", assets.approval_new, name="approval_new"),
    path("assets/<int:pk>/attestations/", assets.attestation_new, name="attestation_new"),
    path("assets/<int:pk>/authorise/", assets.authorise, name="authorise"),
    path("assets/<int:pk>/redeem/", assets.treasury_redeem, name="treasury_redeem"),
    path("assets/<int:pk>/cap-table.<str:form>", files.cap_table, name="cap_table"),
    path("assets/<int:pk>/ledger.<str:form>", files.ledger, name="ledger_file"),
    path("assets/<int:pk>/bond-terms.<str:form>", files.bond_terms, name="bond_terms"),
    path("authorisations/<int:pk>/", assets.authorisation, name="authorisation"),
    path("authorisations/<int:pk>/allocate/", assets.allocate, name="allocate"),
    path("authorisations/<int:pk>/take-back/", assets.take_back, name="take_back"),
    path("authorisations/<int:pk>/allocations/", orders.allocation_file, name="allocation_file"),
    path("authorisations/<int:pk>/freeze/", orders.freeze, name="freeze"),
    path("authorisations/<int:pk>/redeem/", orders.redeem, name="redeem"),
    path("authorisations/<int:pk>/order/", orders.order_new, name="order_new"),
    path("entries/<int:pk>/correct/", orders.correction_new, name="correction_new"),
    path("breaks/", breaks.breaks, name="breaks"),
    path("breaks/<int:pk>/", breaks.break_page, name="break"),
    path("assets/<int:pk>/register/", breaks.register_new, name="register_new"),
    path("assets/<int:pk>/partial/", corporate.partial_new, name="partial_new"),
    path("assets/<int:pk>/event/", corporate.event_new, name="event_new"),
    path("corporate-actions/", corporate.corporate_actions, name="corporate_actions"),
    path("corporate-actions/<int:pk>/", corporate.corporate_action, name="corporate_action"),
    path("corporate-actions/<int:pk>/rate/", corporate.fixing_new, name="fixing_new"),
    path("corporate-actions/<int:pk>/evidence/", corporate.evidence_new, name="payment_evidence_new"),
    path("rate-fixings/<int:pk>/", corporate.rate_fixing, name="rate_fixing"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:pk>/", orders.order, name="order"),
]
