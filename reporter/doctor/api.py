"""Checks of the API: reachability and key, organizations, and clock. One request serves all three."""

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
from reporter.sandbox.source import SandboxSource

SECONDS = 5.0
"""Time limit for the API, retries included."""

_TOO_FAR = timedelta(minutes=1)
_MEND_API = "Mend what is said of the API first."


def ask(examined: LoadedConfig, clock: Callable[[], datetime], *, is_demo: bool) -> ApiAnswer:
    """Request the organizations; no request is made without a key or with an invalid [api] table."""
    config = examined.config
    if is_demo:
        return ApiAnswer(asyncio.run(SandboxSource(clock()).organizations()), ahead=timedelta(0))
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
    """Check that the API answers and accepts the key."""
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
    """Check that each report names an organization of the key, or that without reports the choice is unambiguous."""
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
    """Check that this machine's clock agrees with the API's, which decides when a window ends."""
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
    """Why the name matches no organization, or more than one; None if it matches exactly one."""
    try:
        directory.find(name)
    except UsageError as error:
        return str(error)
    return None
