"""A program of somebody's: what it sends and what it is told."""

import json
from typing import Any

from django.test import Client
from knox.models import AuthToken

from pvara.kernel.models import User


class Program:
    """A program that speaks JSON, with somebody's token or with none."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if user is not None:
            self.headers["authorization"] = f"Bearer {AuthToken.objects.create(user)[1]}"

    def get(self, address: str, **parameters: Any) -> Any:
        return self.client.get(f"/api/{address}", parameters, headers=self.headers)

    def post(self, address: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", address, body, **headers)

    def put(self, address: str, body: Any) -> Any:
        return self.send("put", address, body)

    def send(self, method: str, address: str, body: Any, **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, method)(
            f"/api/{address}", text, content_type="application/json", headers={**self.headers, **named}
        )

    def upload(self, address: str, form: dict[str, Any]) -> Any:
        return self.client.post(f"/api/{address}", form, headers=self.headers)

    def move(self, address: str, name: str, version: int, note: str = "") -> Any:
        return self.post(f"{address}moves/{name}/", {"expected_version": version, "note": note})


def shut(response: Any) -> list[str]:
    """The codes of the gates that a refusal names."""
    return [each["code"] for each in response.json()["errors"]]
