"""The states of a message and their transitions.

    planned ─▶ claimed ─▶ committing ─▶ accepted | deferred | failed | unknown
       ▲          │                                  │          │        │
       └──────────┴── lease expired, not attempted ◀─┘          └────────┴── only by an operator: resolve --resend

planned      to be sent; no server was asked, or the run that asked died before anything could be delivered
claimed      a run has it until `lease_until`; nothing can have been delivered yet
committing   the whole body is sent and the final dot is next: if that run dies, delivery is uncertain
accepted     the server accepted it; never sent again
deferred     the server did not accept it now; not retried before `next_try`
failed       the server rejected it permanently; an operator fixes the address or resends it
unknown      the server may have accepted it; never sent again unless an operator says so
"""

from enum import StrEnum


class MessageState(StrEnum):
    """The state of one message."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    COMMITTING = "committing"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Purpose(StrEnum):
    """Why a message is sent: a report to a recipient, or a test send to an operator."""

    REPORT = "report"
    TEST = "test"
