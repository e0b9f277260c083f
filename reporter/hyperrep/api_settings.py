"""What a configuration says of the API, apart from the client: that one takes long to load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the API is and how patient to be; `timeout` and `budget` are seconds.

    `timeout` is for one attempt, `budget` for one request with all its attempts and the pauses between them.
    `concurrency` is the number of requests in flight at once.
    """

    url: str = "https://api.hyperrep.ai"
    timeout: float = 30.0
    budget: float = 120.0
    concurrency: int = 8
