"""The API of a crowd: any number of organizations, each with the figures of one of the sandbox's.

An answer is computed once and then repeated, so that the crowd costs little compared with what is tested.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reporter.sandbox.api_app import create_app
from tests.watched_api import WORLD

_BRANCH = re.compile(rb"\d{6}~")
_MODELS = [each for each in WORLD.organizations if each.currencies and re.fullmatch(r"[A-Z][A-Za-z ]{3,40}", each.name)]


def organization_id(number: int) -> str:
    """The id of the crowd's organization of this number."""
    return f"{number:06}~{_MODELS[number % len(_MODELS)].id}"


@dataclass
class Crowd:
    """An ASGI application: the sandbox as it is at `now`, for `size` organizations."""

    size: int
    now: datetime
    asked: int = 0
    _answers: dict[bytes, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create the sandbox with this clock."""
        self._sandbox = create_app(WORLD, lambda: self.now)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The crowd's list, or the sandbox's answer for the organization that this one copies."""
        self.asked += 1
        if scope["path"].rstrip("/").endswith("/organizations"):
            await _answer_json(send, {"data": [_listed(number) for number in range(self.size)]})
            return
        path = _BRANCH.sub(b"", scope["raw_path"])
        question = path + b"?" + scope["query_string"]
        if question not in self._answers:
            heard: list[Any] = []
            plain = {**scope, "path": re.sub(r"\d{6}~", "", scope["path"]), "raw_path": path}
            await self._sandbox(plain, receive, _collecting(heard))
            self._answers[question] = heard
        for message in self._answers[question]:
            await send(message)


def _listed(number: int) -> dict[str, str]:
    return {"organization_id": organization_id(number), "name": f"Branch {number:06}"}


def _collecting(heard: list[Any]) -> Any:
    async def keep(message: Any) -> None:
        heard.append(message)

    return keep


async def _answer_json(send: Any, document: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(document).encode()})
