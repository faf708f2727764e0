"""What topics must be like."""

import pytest

from shared.runtime.kafka.access import (
    TOPIC_CONFIG,
    Access,
    TopicsUnfit,
    _verify_config,  # pyright: ignore[reportPrivateUsage]
)
from shared.runtime.settings import Settings

ACCESS = Access(Settings.read({"OWLBUS_ENVIRONMENT": "development", "OWLBUS_INSECURE_NO_ISSUER": "true"}), "test")


@pytest.mark.parametrize("kind", ["producer", "uncompressed", "gzip"])
def test_a_topic_that_keeps_batches_readable_is_fit(kind: str) -> None:
    _verify_config(ACCESS, "ideas.events", TOPIC_CONFIG | {"compression.type": kind})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"compression.type": "zstd"}, "compression.type=zstd, which nobody here can read"),
        ({"retention.ms": "1000"}, "retention.ms=1000, it must be -1"),
        ({"cleanup.policy": "compact"}, "cleanup.policy=compact"),
        ({"min.insync.replicas": "0"}, "min.insync.replicas below 1"),
    ],
)
def test_a_topic_that_loses_or_hides_events_is_not(config: dict[str, str], said: str) -> None:
    with pytest.raises(TopicsUnfit, match=said):
        _verify_config(ACCESS, "ideas.events", TOPIC_CONFIG | config)
