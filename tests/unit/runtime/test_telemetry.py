"""Log lines are JSON without secrets; metrics live in a registry of their own."""

import subprocess
import sys
from datetime import datetime

import orjson
from prometheus_client import generate_latest

from shared.runtime.telemetry import Metrics

PROGRAM = """
import logging, structlog
from shared.runtime.telemetry import configure_logging
configure_logging("ideas", "ideas-0")
log = structlog.get_logger("owlbus.test")
with structlog.contextvars.bound_contextvars(partition=3, correlation="c-1"):
    log.info("committed", inputs=7, 글="부엉이")
log.debug("not said")
log.warning("connecting", mongodb_uri="mongodb://a:hunter2@db", Authorization="Bearer hunter2")
logging.getLogger("aiokafka").error("lost %s", "broker 1")
logging.getLogger("httpx").info("not said")
password = "hunter2"
try:
    raise ValueError("wrong")
except ValueError:
    log.exception("failed")
"""


def test_log_lines() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, timeout=60)
    lines = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["committed", "connecting", "lost broker 1", "failed"]
    first = lines[0]
    assert (first["service"], first["instance"], first["level"]) == ("ideas", "ideas-0", "info")
    assert (first["partition"], first["correlation"], first["inputs"], first["글"]) == (3, "c-1", 7, "부엉이")
    assert first["logger"] == "owlbus.test"
    assert datetime.fromisoformat(first["timestamp"]).utcoffset() is not None
    assert "ValueError: wrong" in lines[3]["exception"]
    assert b"hunter2" not in done.stdout and not done.stderr


def test_metrics() -> None:
    metrics, other = Metrics("ideas"), Metrics("awards")
    metrics.lag.labels("3").set(7)
    metrics.channels_aside.labels("3", "gap").set(1)
    metrics.transaction_seconds.observe(0.01)
    text = generate_latest(metrics.registry).decode()
    assert 'owlbus_input_lag_records{partition="3"} 7.0' in text
    assert 'target_info{service="ideas"} 1.0' in text
    assert 'service="awards"' in generate_latest(other.registry).decode()
