"""A case under assessment, a question put to it, and its answer."""

import pytest

from licensing.actions import requests
from licensing.models import InformationRequest, RequestItem
from pvara.demo import path
from tests.licensing.requests import fresh


@pytest.fixture
def case(firm, people, at):
    """A NOC application under assessment since Wednesday, 4 March 2026."""
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def ask(case, people):
    """`ask(at, "Why?", …)`: drafted and put; returns the request."""

    def asked(at, *questions):
        for question in questions:
            requests.draft_question(case, by=people.officer, at=at, question=question)
        path.step(case, "raise_rfi", by=people.officer, at=at)
        return InformationRequest.objects.about(case).first()

    return asked


@pytest.fixture
def answer(case, people):
    """`answer(request, at)`: every question of the round answered and sent."""

    def answered(request, at, words="It is as you say."):
        for item in RequestItem.objects.filter(request=request, request__round=fresh(request).round):
            if item.round == fresh(request).round:
                requests.answer_question(item, by=people.applicant, at=at, answer=words)
        path.step(case, "answer_rfi", by=people.applicant, at=at)
        return fresh(request)

    return answered
