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
_FIX_API = "Fix the API check first."


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
    if not subject.is_demo and subject.config.key is None:
        fix = "Set HYPERREP_API_KEY, or HYPERREP_API_KEY_FILE to a file that contains the key."
        return problem("there is no API key", fix, exit_code=2)
    if subject.is_faulty("api"):
        return unchecked("its configuration has errors")
    host = "the sandbox" if subject.is_demo else httpx.URL(subject.config.api.url).host
    match subject.answer().error:
        case None:
            return well(f"{host} answers and accepts the key")
        case ApiKeyRefused() as error:
            text = f"{host} rejected the key"
        case ApiUnreachable() as error:
            text = f"{host} cannot be reached"
        case error:
            text = f"{host} gave an invalid answer"
    return problem(text, str(error), exit_code=error.exit_code)


def organizations(subject: Subject) -> CheckResult:
    """Check that each report names an organization of the key, or that without reports the choice is unambiguous."""
    known = subject.answer().organizations
    if known is None:
        return unchecked("the API did not list them", _FIX_API)
    has = f"the key has {counted(len(known), 'organization')}"
    named = [report.organization for report in subject.config.reports if report.organization]
    if named:
        directory = Directory(known)
        errors = tuple(dict.fromkeys(error for name in named if (error := _error(name, directory))))
        if errors:
            return problem(f"{has}, but not every configured one", *errors, exit_code=2)
        return well(f"{has}; every configured report names one of them")
    if not known:
        return problem("the key has no organization", "Give the key an organization in HyperRep.", exit_code=2)
    if len(known) == 1 or subject.is_demo:
        return well(has)
    fix = "Run `hyperrep-report init` to write them into a configuration, or give --org or --all-orgs."
    return warning(f"{has} and no report is configured, so each run must name its organizations", fix)


def clock(subject: Subject) -> CheckResult:
    """Check that this machine's clock agrees with the API's, which decides when a window ends."""
    ahead = subject.answer().ahead
    if ahead is None:
        return unchecked("the API sent no time to compare it with", _FIX_API)
    if abs(ahead) <= TOLERATED:
        return well("this machine and the API agree on the time")
    difference = span(abs(ahead))
    off = f"this machine's clock is {difference} {'ahead of' if ahead > timedelta(0) else 'behind'} the API's"
    fix = "Synchronize it, on Linux with `timedatectl set-ntp true`."
    return problem(off, fix) if abs(ahead) >= _TOO_FAR else warning(off, fix)


def _error(name: str, directory: Directory) -> str | None:
    """Why the name matches no organization, or more than one; None if it matches exactly one."""
    try:
        directory.find(name)
    except UsageError as error:
        return str(error)
    return None
