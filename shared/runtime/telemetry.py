"""What a running service says about itself: structured log lines and metrics.

A batch binds correlation, causation, partition and offset once, with `structlog.contextvars`.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECRET = ("password", "secret", "token", "authorization", "credential", "uri")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LONG = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_SET_ASIDE = ("unreadable", "unknown_type", "unfit", "bug", "waiting")
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000)


def configure_logging(service: str, instance: str, level: str = "INFO") -> None:
    """Send everything that is logged, also by libraries, to standard output as one JSON object a line, times in UTC."""

    def name_process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"], event["instance"] = service, instance
        return event

    shared: list[Any] = [
        name_process,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_line),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # One line per HTTP request of our own clients says nothing that the metrics don't.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out values whose name says that they are secret."""
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "**********"
    return event


def _line(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


class Metrics:
    """The figures of one process, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry(target_info={"service": service})
        self.lag = self._gauge("input_lag_records", "Records not yet processed", "partition")
        self.input_age = self._gauge("input_oldest_age_seconds", "Age of the oldest unprocessed input", "partition")
        self.unpublished = self._gauge("log_unpublished_events", "Events not yet published", "partition")
        self.unpublished_age = self._gauge(
            "log_unpublished_age_seconds", "Age of the oldest unpublished event", "partition"
        )
        self.parked = self._gauge("parked_keys", "Keys that wait for repair", "partition")
        self.channels_aside = self._gauge("channels_aside", "Channels set aside (gap, fork)", "partition", "kind")
        self.stopped = self._gauge("partition_stopped", "1 where a partition is stopped", "partition")
        self.owned = self._gauge("partitions_owned", "Partitions this process owns")
        self.ready = self._gauge("ready", "1 while this process is ready")
        self.degraded = self._gauge(
            "degraded", "1 while something is missing (Kafka, verified partitions, stopped partitions)", "what"
        )
        self.clock_drift = self._gauge("clock_drift_seconds", "This machine's clock against the store's")
        self.inputs = self._counter("inputs", "Inputs planned", "kind")
        self.events = self._counter("events", "Events emitted")
        self.refused = self._counter("commands_refused", "Commands refused")
        self.duplicates = self._counter("duplicates", "Records seen before")
        self.quarantined = self._counter("quarantined", "Inputs set aside", "kind")
        self.dropped = self._counter("mailbox_dropped", "Records dropped from the mailbox, to be read again")
        self.rebalances = self._counter("rebalances", "Assignments of partitions")
        self.transaction_retries = self._counter("transaction_retries", "Transactions tried again", "reason")
        self.transaction_seconds = self._histogram("transaction_seconds", "Time of a transaction", _BUCKETS)
        self.batch_inputs = self._histogram("batch_inputs", "Inputs per transaction", _SIZES)
        self.end_to_end_seconds = self._histogram(
            "end_to_end_seconds", "From an event's recorded time to its effect here", _BUCKETS
        )
        self.computations_open = self._gauge(
            "computations_open", "Computations asked for and not answered", "computation"
        )
        self.computations = self._counter("computations", "Attempts at computations", "computation", "outcome")
        self.computation_seconds = self._histogram("computation_seconds", "Time of a computation", _LONG)
        # Shown as 0 from the first moment on, or nobody would see the first one happen.
        self.transaction_retries.labels("lost_race")
        for kind in _SET_ASIDE:
            self.quarantined.labels(kind)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"owlbus_{name}", about, labels, registry=self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"owlbus_{name}", about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"owlbus_{name}", about, buckets=buckets, registry=self.registry)
