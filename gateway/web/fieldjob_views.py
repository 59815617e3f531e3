"""Field jobs as the API shows them, to each what their role may see."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from gateway.domain.deeds import Person
from gateway.domain.durations import format_duration
from gateway.domain.fieldjob_sight import sees_note
from gateway.domain.fieldjobs import Appointment, FieldJob, PauseReason, Photo, Source
from gateway.domain.history import stamp
from gateway.domain.matters import Matter
from gateway.store.customers import Customer
from gateway.store.fieldjobs import Note
from gateway.web.views import Json, View, instant

Color = Literal["green", "red", "blue", "yellow", "orange", "gray"]
Seen = Mapping[UUID, Customer]


class AppointmentView(View):
    """A visit; instants are UTC."""

    id: str
    start: str
    end: str
    duration: str
    technician: str | None
    state: Literal["planned", "on_my_way", "started", "paused", "completed", "canceled"]
    on_my_way_at: str | None
    eta: str | None
    started_at: str | None
    paused_at: str | None
    pause_reason: PauseReason | None
    completed_at: str | None


class WishView(View):
    """The visit that an offer asks for."""

    start: str
    duration: str
    technician: str | None


class CustomerView(View):
    """A customer."""

    id: str
    name: str
    phone: str
    email: str | None
    address: str | None


class NoteView(View):
    """A note; `text` is null once it was erased."""

    id: str
    at: str
    by: str
    public: bool
    text: str | None


class PhotoView(View):
    """A photo; the picture is at `href`."""

    id: str
    at: str
    by: str
    public: bool
    kind: str
    size: int
    href: str


class FieldJobView(View):
    """A job; `status` is null for a declined offer, which nobody has access to."""

    id: str
    status: str | None
    color: Color | None
    resolution: Literal["completed", "canceled", "declined"] | None
    title: str
    customer: CustomerView | None
    market: str | None
    account: str | None
    source: Source | None
    brand: str | None
    technician: str | None
    message: str | None
    timezone: str
    created_at: str
    created_by: str
    requested: WishView | None
    appointments: list[AppointmentView]
    photos: list[PhotoView]
    survey_asked_at: str | None
    survey_rating: int | None


class FieldJobWhole(FieldJobView):
    """A job with its notes."""

    notes: list[NoteView]


def job_view(one: Matter[FieldJob], customers: Seen, who: Person) -> Json:
    """Show a job as somebody may see it, without its notes."""
    job = one.facts
    color = job.color
    customer = customers.get(job.customer)
    return {
        "id": str(one.id),
        "status": job.status.value if color else None,
        "color": color,
        "resolution": job.resolution,
        "title": job.title,
        "customer": customer_view(customer) if customer else None,
        "market": job.market,
        "account": job.account,
        "source": job.source,
        "brand": job.brand,
        "technician": job.technician,
        "message": job.ucn,
        "timezone": job.zone,
        "created_at": stamp(job.created_at),
        "created_by": job.created_by,
        "requested": _wish(job),
        "appointments": [visit_view(each) for each in job.appointments],
        "photos": [
            photo_view(one.id, each)
            for each in job.photos
            if sees_note(who, job, public=each.public)
        ],
        "survey_asked_at": instant(job.survey_asked_at),
        "survey_rating": job.survey_rating,
    }


def notes_view(job: FieldJob, notes: Sequence[Note], who: Person) -> list[Json]:
    """Show the notes that somebody may see."""
    return [note_view(one) for one in notes if sees_note(who, job, public=one.public)]


def note_view(note: Note) -> Json:
    """Show a note."""
    told = {"id": note.id, "at": note.at, "by": note.by, "public": note.public}
    return {**told, "text": note.words}


def photo_view(job: UUID, photo: Photo) -> Json:
    """Show where a photo is, and what it is."""
    return {
        "id": str(photo.id),
        "at": stamp(photo.at),
        "by": photo.by,
        "public": photo.public,
        "kind": photo.kind,
        "size": photo.size,
        "href": f"/v1/field-jobs/{job}/photos/{photo.id}",
    }


def customer_view(one: Customer) -> Json:
    """Show a customer."""
    told = {"id": str(one.id), "name": one.name, "phone": one.phone}
    return {**told, "email": one.email, "address": one.address}


def visit_view(one: Appointment) -> Json:
    """Show a visit."""
    return {
        "id": str(one.id),
        "start": stamp(one.start),
        "end": stamp(one.end),
        "duration": _length(one.minutes),
        "technician": one.technician,
        "state": one.state,
        "on_my_way_at": instant(one.on_my_way_at),
        "eta": instant(one.eta),
        "started_at": instant(one.started_at),
        "paused_at": instant(one.paused_at),
        "pause_reason": one.pause_reason,
        "completed_at": instant(one.completed_at),
    }


def _wish(job: FieldJob) -> Json | None:
    wish = job.wish
    if wish is None:
        return None
    told = {"start": stamp(wish.start), "duration": _length(wish.minutes)}
    return {**told, "technician": wish.technician}


def _length(minutes: int) -> str:
    return format_duration(timedelta(minutes=minutes))
