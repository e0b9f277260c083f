"""What can be known of one message, and how one state leads to the next.

    planned ─▶ claimed ─▶ committing ─▶ accepted | deferred | failed | unknown
       ▲          │                                  │          │        │
       └──────────┴── lease over, run refused ◀──────┘          └────────┴── only by a person: resolve --resend

planned      to be sent; no server was asked, or the run that asked died before it could matter
claimed      a run has it until `lease_until`; nothing can have been delivered yet
committing   the whole body is sent and the final dot is next: if that run dies, nobody knows
accepted     the server has it; never sent again
deferred     the server did not take it now; not tried before `next_try`
failed       the server refused it for good; a person mends the address or resends it
unknown      the server may have it; never sent again without a person's word
"""

from enum import StrEnum


class MessageState(StrEnum):
    """What is known of one message."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    COMMITTING = "committing"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Purpose(StrEnum):
    """Why a message is sent: a test to an operator is told apart from a report to a reader."""

    REPORT = "report"
    TEST = "test"
