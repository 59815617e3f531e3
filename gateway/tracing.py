"""Traces, where they are asked for: one span for each step of the street, told to OpenTelemetry.

A trace goes from a claim to the record of what was answered; another from a webhook to its answer.
Where none are asked for a step costs a look at one name, and OpenTelemetry need not be installed.
"""

# ruff: noqa: PLC0415 - OpenTelemetry is loaded only where it is asked for

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

_NOTHING: Final = nullcontext()
_SECONDS: Final = 5


class TracesError(Exception):
    """Traces cannot be made; words for the user."""


class _Tracing:
    """Where this process's spans go; None: nowhere."""

    tracer: Tracer | None = None


def step(name: str, **facts: object) -> AbstractContextManager[object]:
    """Make a span of what happens within, with these facts: never a detail, never a secret."""
    tracer = _Tracing.tracer
    if tracer is None:
        return _NOTHING
    told = {key: one if isinstance(one, int) else str(one) for key, one in facts.items()}
    return _span(tracer, name, told)


@contextmanager
def _span(tracer: Tracer, name: str, told: dict[str, int | str]) -> Iterator[None]:
    """Make a span that names the kind of a fault alone: its words may quote what nobody may see."""
    with tracer.start_as_current_span(
        name, attributes=told, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as fault:
            span.set_attribute("fault", type(fault).__name__)
            raise


def trace_id() -> str | None:
    """Return the id of the trace that this happens in, 32 hexadecimal digits; None in none."""
    if _Tracing.tracer is None:
        return None
    from opentelemetry.trace import format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


@contextmanager
def traced(url: str | None) -> Iterator[None]:
    """Send the spans made within to an OTLP address over HTTP; nowhere without one.

    TracesError where OpenTelemetry is not installed.
    """
    if url is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise TracesError("DISPATCHD_TRACES_URL needs dispatchd[otel]: it is not here") from None
    with spans_to(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_SECONDS))):
        yield


@contextmanager
def spans_to(processor: SpanProcessor) -> Iterator[None]:
    """Give the spans made within to a processor of OpenTelemetry's, and end it."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(
        resource=Resource.create({"service.name": "dispatchd"}), shutdown_on_exit=False
    )
    provider.add_span_processor(processor)
    _Tracing.tracer = provider.get_tracer("dispatchd")
    try:
        yield
    finally:
        _Tracing.tracer = None
        provider.shutdown()
