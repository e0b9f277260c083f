"""Whether the API answers, takes the key, knows the organizations and has the same time: one question, three checks."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from reporter.config.load import LoadedConfig
from reporter.doctor.check_result import ApiAnswer, CheckResult, Subject, counted, problem, unchecked, warning, well
from reporter.domain.errors import ApiError, ApiKeyRefused, ApiUnreachable, UsageError
from reporter.hyperrep.client import HyperRepApi
from reporter.hyperrep.http_errors import TOLERATED, span
from reporter.planning import Directory
from reporter.sandbox.in_process import sandbox_api

SECONDS = 5.0
"""How long to wait for the API, retries included."""

_TOO_FAR = timedelta(minutes=1)
_MEND_API = "Mend what is said of the API first."


def ask(examined: LoadedConfig, clock: Callable[[], datetime], *, is_demo: bool) -> ApiAnswer:
    """The API's answer to the plainest question; nothing is asked where it is not known for sure whom to ask."""
    config = examined.config
    if is_demo:
        return asyncio.run(_asked(sandbox_api(clock())))
    if config.key is None or "api" in examined.faulty:
        return ApiAnswer()
    settings = replace(config.api, timeout=min(config.api.timeout, SECONDS), budget=min(config.api.budget, SECONDS))
    return asyncio.run(_asked(HyperRepApi(config.key.get_secret_value(), settings, clock=clock)))


async def _asked(api: HyperRepApi) -> ApiAnswer:
    async with api:
        try:
            return ApiAnswer(await api.organizations(), ahead=api.ahead)
        except ApiError as error:
            return ApiAnswer(error=error, ahead=api.ahead)


def reachable(subject: Subject) -> CheckResult:
    """Whether the API answers and takes the key."""
    check = "API"
    if not subject.is_demo and subject.config.key is None:
        mend = "Set HYPERREP_API_KEY, or HYPERREP_API_KEY_FILE to a file that holds the key."
        return problem(check, "there is no key that could be tried", mend, exit_code=2)
    if subject.doubts("api"):
        return unchecked(check, "its configuration is in doubt", "Mend the configuration first.")
    host = "the sandbox" if subject.is_demo else httpx.URL(subject.config.api.url).host
    match subject.answer().error:
        case None:
            return well(check, f"{host} answers and takes the key")
        case ApiKeyRefused() as error:
            return problem(check, f"{host} refused the key", str(error), exit_code=error.exit_code)
        case ApiUnreachable() as error:
            return problem(check, f"{host} cannot be reached", str(error), exit_code=error.exit_code)
        case error:
            return problem(check, f"{host} gave an answer that is of no use", str(error), exit_code=error.exit_code)


def organizations(subject: Subject) -> CheckResult:
    """Whether each configured report names an organization of the key, or it is clear which is meant without any."""
    check = "organizations"
    known = subject.answer().organizations
    if known is None:
        return unchecked(check, "the API gave no list of them", _MEND_API)
    has = f"the key has {counted(len(known), 'organization')}"
    named = [report.organization for report in subject.config.reports if report.organization]
    if named:
        directory = Directory(known)
        faults = tuple(dict.fromkeys(fault for name in named if (fault := _fault(name, directory))))
        if faults:
            return problem(check, f"{has}, but not every one that is configured", *faults, exit_code=2)
        return well(check, f"{has}; every configured report names one of them")
    if not known:
        return problem(check, "the key has none at all", "Give the key an organization in HyperRep.", exit_code=2)
    if len(known) == 1 or subject.is_demo:
        return well(check, has)
    mend = "Run `hyperrep-report init` to have them written into a configuration, or give --org or --all-orgs."
    return warning(check, f"{has} and no report is configured, so each run must say which it means", mend)


def clock(subject: Subject) -> CheckResult:
    """Whether this machine and the API agree what time it is: a window ends when the API says so."""
    check = "clock"
    ahead = subject.answer().ahead
    if ahead is None:
        return unchecked(check, "the API told no time to compare it with", _MEND_API)
    if abs(ahead) <= TOLERATED:
        return well(check, "this machine and the API agree on the time")
    off = f"this machine's clock is {span(abs(ahead))} {'ahead of' if ahead > timedelta(0) else 'behind'} the API's"
    mend = "Set it right and keep it so, on Linux with `timedatectl set-ntp true`."
    return problem(check, off, mend) if abs(ahead) >= _TOO_FAR else warning(check, off, mend)


def _fault(name: str, directory: Directory) -> str | None:
    """Why no organization, or more than one, is meant by this name."""
    try:
        directory.find(name)
    except UsageError as error:
        return str(error)
    return None
