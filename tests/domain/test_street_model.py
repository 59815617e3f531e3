"""Any interleaving of due jobs, events, repeats and late callbacks keeps the street's promises."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.domain.attempts import Attempt
from gateway.domain.change import CallOut, Change, Look, MailOut, TextOut
from gateway.domain.dispatch import next_step
from gateway.domain.events import (
    Answered,
    Doubt,
    Event,
    LinkFetched,
    LinkOpened,
    MachineHeard,
    MailAccepted,
    NotFound,
    Pressed,
    Progress,
    Refusal,
    Replied,
    VoicemailLeft,
)
from gateway.domain.flags import Flags
from gateway.domain.jobs import FOR_A_PERSON, JobState
from gateway.domain.messages import MessageState, Priority
from gateway.domain.replies import Accept, OptOut, Pass, Unclear
from gateway.domain.specials import Special
from tests.kit.desk import NOON, Dice
from tests.kit.street import Street, compiled, roster, shift, street

PICK = st.integers(0, 10**6)
WAITS_FOR_A_PERSON = FOR_A_PERSON | {JobState.CLAIMED}
MAIL = "dan@northside.example"
PEOPLE = {
    "ann": {"name": "Ann", "phone": "+12025550101"},
    "bob": {"name": "Bob", "phone": "+12025550102"},
    "cho": {"name": "Cho", "phone": "+12025550103"},
    "dan": {"name": "Dan", "phone": "+12025550104", "email": MAIL},
    "eve": {"name": "Eve", "phone": "+12025550105"},
    "fay": {"name": "Fay", "phone": "+12025550106", "active": False},
}
AWAY = {"contact": "eve", "start": "2026-01-01T00:00", "end": "2026-12-31T00:00"}
STEPS = [
    {"reach": "oncall"},
    {"reach": "contact:dan", "by": "email"},
    {"reach": "backup", "repeat": 2},
    {"reach": "permanent"},
]
NEVER = {"eve", "fay"}


def world(methods: tuple[str, str, str], priority: Priority, rotation: str) -> Street:
    """An account in which two people may never be reached, and the others by these methods."""
    first, second, third = methods
    shifts = [shift("eve"), shift("ann", status=first), shift("bob", "backup", second)]
    listed = [{"contact": "fay"}, {"contact": "cho", "status": third}]
    keys = {"name": "all", "steps": STEPS, "rotation": rotation}
    account = compiled(
        contacts=PEOPLE,
        unavailable=[AWAY],
        permanent=listed,
        protocols=[keys],
        **roster(*shifts),
    )
    return street(account, priority=priority)


def _says_yes(event: Event) -> bool:
    """Tell whether a person may have accepted by this."""
    match event:
        case Pressed(digits="1") | LinkOpened() | Replied(said=Accept()):
            return True
    return False


class StreetMachine(RuleBasedStateMachine):
    """The engine, the carrier and the people, in any order."""

    one: Street
    last: Event | None
    said_yes: bool
    written: list[str]
    wires: dict[str, int]
    resends: dict[str, int]
    dialed_at_delivery: int | None

    @initialize(
        methods=st.tuples(*[st.sampled_from(["call", "sms", "secure"])] * 3),
        priority=st.sampled_from(Priority),
        rotation=st.sampled_from(["whole", "one_per_cue"]),
    )
    def begin(self, methods: tuple[str, str, str], priority: Priority, rotation: str) -> None:
        self.one = world(methods, priority, rotation)
        self.wires, self.resends = {}, {}
        self.dialed_at_delivery = None
        self.last, self.said_yes, self.written = None, False, []

    # ------------------------------------------------------------------ what the engine does
    @rule(pick=PICK, answer=st.sampled_from(["accepted", "silence", "doubt", "again", "no"]))
    def the_job_is_planned_when_due(self, pick: int, answer: str) -> None:
        job = self.one.job
        if job.next_at is None:
            return
        self.one.now = max(self.one.now, job.next_at)
        self.one.busy = self._taken() if pick % 2 else {}
        change = self.one.step()
        self._sent(change)
        if isinstance(change.wire, Look):
            self._looked(change.wire, pick)
        elif change.wire is not None:
            self._answered(change, answer)

    def _taken(self) -> dict[str, object]:
        until = self.one.now + timedelta(seconds=40)
        return dict.fromkeys(self.one.calls, until)

    def _sent(self, change: Change) -> None:
        """No attempt goes on the wire twice but after a definite no that may be repeated."""
        if isinstance(change.wire, CallOut | TextOut | MailOut):
            name = str(change.wire.attempt)
            assert change.wire.attempt in {one.id for one in (*change.begun, *change.attempts)}
            self.wires[name] = self.wires.get(name, 0) + 1
            assert self.wires[name] <= 1 + self.resends.get(name, 0)
            assert self.dialed_at_delivery is None
            contact = self.one.attempts[change.wire.attempt].contact
            flags = self.one.flags.get(change.wire.to, Flags())
            assert contact not in NEVER
            assert not flags.suspended
            assert not (flags.opted_out and isinstance(change.wire, TextOut))

    def _answered(self, change: Change, answer: str) -> None:
        assert change.wire is not None
        one, attempt = self.one, change.wire.attempt
        match answer:
            case "accepted" if isinstance(change.wire, MailOut):
                one.tell(MailAccepted(attempt, "mail"))
            case "accepted":
                one.accepted(change)
            case "doubt":
                one.tell(Doubt(attempt, "timeout"))
            case "again":
                self.resends[str(attempt)] = self.resends.get(str(attempt), 0) + 1
                one.tell(Refusal(attempt, 20429, "later", again=True, ours=False))
            case "no":
                one.tell(Refusal(attempt, 21211, "no", again=False, ours=True))

    def _looked(self, look: Look, pick: int) -> None:
        words = ["ringing", "completed", "no_answer", "sent", "delivered", "undelivered"]
        if look.sid is None and pick % 3:
            self.one.tell(NotFound(look.attempt))
        else:
            status = words[pick % len(words)]
            self.one.tell(Progress(look.attempt, look.sid or f"SID{look.attempt.hex}", status))

    # ------------------------------------------------------------------ what the world tells
    def _any(self, pick: int) -> Attempt | None:
        attempts = list(self.one.attempts.values())
        return attempts[pick % len(attempts)] if attempts else None

    def _tell(self, event: Event) -> None:
        self.said_yes = self.said_yes or _says_yes(event)
        self.last = event
        self.one.tell(event)
        if self.one.message.closed and self.dialed_at_delivery is None:
            self.dialed_at_delivery = len(self.one.attempts)

    @rule(
        pick=PICK,
        status=st.sampled_from(
            [
                "queued",
                "ringing",
                "answered",
                "completed",
                "busy",
                "no_answer",
                "failed",
                "canceled",
            ]
        ),
    )
    def a_call_makes_progress(self, pick: int, status: str) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.is_call:
            self._tell(Progress(attempt.id, f"SID{attempt.id.hex}", status))

    @rule(
        pick=PICK,
        status=st.sampled_from(["queued", "sent", "delivered", "undelivered", "failed", "read"]),
        code=st.sampled_from([None, "30003", "21610"]),
    )
    def a_text_makes_progress(self, pick: int, status: str, code: str | None) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.code is not None:
            self._tell(Progress(attempt.id, f"SID{attempt.id.hex}", status, code))

    @rule(pick=PICK, late=st.integers(0, 2), keys=st.sampled_from(["", "1", "1", "2", "9", "*"]))
    def somebody_presses_a_key(self, pick: int, late: int, keys: str) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.is_call:
            sid, step = f"SID{attempt.id.hex}", max(0, attempt.step - late)
            self._tell(Answered(attempt.id, sid))
            self._tell(Pressed(attempt.id, sid, step, keys))

    @rule(pick=PICK, verdict=st.sampled_from(["human", "machine_end_beep"]), done=st.booleans())
    def a_machine_is_heard(self, pick: int, verdict: str, done: bool) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.is_call:
            self._tell(MachineHeard(attempt.id, verdict))
            self._tell(VoicemailLeft(attempt.id, done))

    @rule(pick=PICK, said=st.sampled_from([Accept(None), Pass(None), OptOut("STOP"), Unclear()]))
    def somebody_replies(self, pick: int, said: Accept | Pass | OptOut | Unclear) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.code is not None:
            self._tell(Replied(attempt.address, attempt.contact, said, "words"))

    @rule(
        who=st.sampled_from([None, "ann", "bob", "eve", "fay", "zed"]),
        hold=st.booleans(),
        minutes=st.integers(0, 40),
    )
    def a_special_is_posted_in_place_of_the_last(
        self, who: str | None, hold: bool, minutes: int
    ) -> None:
        end = self.one.now + timedelta(minutes=minutes)
        one = Special(f"s{end}", "x", NOON, end, who, hold=hold and who is None)
        self.one.specials = (one,)

    @rule(pick=PICK, tapped=st.booleans())
    def a_link_is_touched(self, pick: int, tapped: bool) -> None:
        attempt = self._any(pick)
        if attempt is not None and attempt.method == "secure":
            self._tell(LinkOpened(attempt.id) if tapped else LinkFetched(attempt.id))

    @rule(seconds=st.integers(1, 1200))
    def time_passes(self, seconds: int) -> None:
        self.one.wind(seconds=seconds)

    @rule()
    def the_last_event_comes_again(self) -> None:
        if self.last is not None:
            self._tell(self.last)

    @rule(seconds=st.sampled_from([-300, 300]))
    def the_clock_is_set(self, seconds: int) -> None:
        self.one.wind(seconds=seconds)

    @rule()
    def a_process_dies_over_a_plan(self) -> None:
        """What was planned and never written changes nothing; it is planned anew."""
        before = self.one.state()
        next_step(before, self.one.job.id, self.one.now, Dice(3))
        assert self.one.state() == before

    # ------------------------------------------------------------------ what always holds
    @invariant()
    def only_somebody_who_says_so_has_it(self) -> None:
        """Sent or carrier-delivered is no delivery, and no machine accepts."""
        assert self.said_yes or self.one.message.state is not MessageState.DELIVERED

    @invariant()
    def history_is_only_added_to(self) -> None:
        hashes = [item.hash for item in self.one.items]
        assert hashes[: len(self.written)] == self.written
        self.written = hashes

    @invariant()
    def at_most_one_call_is_open(self) -> None:
        calls = [one for one in self.one.attempts.values() if one.is_call and one.open]
        assert len(calls) <= 1

    @invariant()
    def a_delivered_message_is_done_with(self) -> None:
        if self.one.message.state is not MessageState.DELIVERED:
            return
        assert not any(attempt.open for attempt in self.one.attempts.values())
        assert all(job.state.terminal and job.next_at is None for job in self.one.jobs.values())
        assert len(self.one.attempts) == self.dialed_at_delivery

    @invariant()
    def nobody_is_forgotten(self) -> None:
        for job in self.one.jobs.values():
            assert job.state.terminal or job.next_at is not None
            assert job.state.terminal or job.due_at is not None or job.state in WAITS_FOR_A_PERSON

    @invariant()
    def the_history_is_one_chain(self) -> None:
        assert self.one.chain_holds()


StreetMachine.TestCase.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, print_blob=True
)
TestStreet = StreetMachine.TestCase
