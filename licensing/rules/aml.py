"""Gates of AML Registered Services."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("AML Registered Services are switched off at present.")
def aml_services_are_switched_on(registration: Any, at: datetime) -> bool:
    return bool(registration.are_switched_on(at))


@gate("A service was asked for that cannot be registered.")
def services_may_be_registered(registration: Any, at: datetime) -> bool | Shut:
    beyond = [title for code, title in registration.service_titles() if code not in registration.registrable(at)]
    return Shut(*(f"{title}." for title in beyond)) if beyond else bool(registration.services)


@gate("Incorporation, goAML registration and the local officers are not all verified.")
def aml_milestones_are_verified(registration: Any) -> bool | Shut:
    waiting = registration.unverified_milestones()
    return Shut(*(f"{each}." for each in waiting)) if waiting else True


@gate("Whoever verified a milestone does not decide on the services.")
def decider_did_not_verify(registration: Any, by: User | None) -> bool:
    return by is None or by.pk not in registration.verifier_ids()


@gate("The No Objection Certificate is in force.")
def noc_is_no_longer_in_force(registration: Any, at: datetime) -> bool:
    return not registration.noc.is_in_force(at)


@gate("The application for the full licence is not decided.")
def full_licence_is_decided(registration: Any) -> bool:
    return bool(registration.licence_is_decided())


@gate("The application for the full licence is decided, and the services ended with that.")
def full_licence_is_not_decided(registration: Any) -> bool:
    return not registration.licence_is_decided()
