"""Many processes with one ledger, from the creation of its tables on."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import URL

from reporter.delivery.channel import DeliveryStatus
from tests.unit.ledger.ledgers import ledger_at

ROOT = Path(__file__).parents[3]
PROCESSES, KEYS = 8, 50
PROGRAM = f"""
import json, random, sys
from datetime import UTC, datetime
from reporter.delivery.channel import Claim
from reporter.ledger.ledger import Ledger
from reporter.ledger.database import Database
from sqlalchemy import make_url
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import ACCEPTED, asked

database = Database(make_url(sys.stdin.readline().strip()), lambda: datetime.now(UTC))
book = Ledger(database, sys.argv[1])
keys = [key_of(f"reader-{{number}}@acme.example") for number in range({KEYS})]
book.plan(keys, "Acme Roofing")
won = []
for key in random.Random(sys.argv[1]).sample(keys, len(keys)):
    claim = asked(book, key)
    if isinstance(claim, Claim):
        book.commit(claim)
        book.settle(claim, ACCEPTED)
        won.append(key.recipient)
database.close()
print(json.dumps(won))
"""


@pytest.mark.slow
def test_each_message_has_one_winner(url: URL) -> None:
    """Eight processes create the ledger, plan the same fifty messages, and claim all: each is sent by exactly one."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, f"run-{number}"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    told = [program.communicate(url.render_as_string(hide_password=False) + "\n") for program in programs]
    assert [(program.returncode, err) for program, (_, err) in zip(programs, told, strict=True)] == [
        (0, "")
    ] * PROCESSES
    wins = Counter(recipient for out, _ in told for recipient in json.loads(out))
    assert wins == Counter({f"reader-{number}@acme.example": 1 for number in range(KEYS)})
    with ledger_at(url) as ledger:
        assert [record.state for record in ledger.records()] == [DeliveryStatus.ACCEPTED] * KEYS
        assert all(len(ledger.states(record.id)) == 4 for record in ledger.records())
