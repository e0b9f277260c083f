"""API settings, separate from the client, which is slow to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The API's address and limits; `timeout` and `budget` are in seconds.

    `timeout` is for one attempt, `budget` for one request with all its attempts and the pauses between them.
    `concurrency` is the maximum number of concurrent requests.
    """

    url: str = "https://api.hyperrep.ai"
    timeout: float = 30.0
    budget: float = 120.0
    concurrency: int = 8
