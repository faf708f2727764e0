"""The alert rules in the hands of Prometheus' own tool."""

import pytest

from tests.support.compose import ROOT, docker, why_not

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300)]

IMAGE = "prom/prometheus:v3.1.0"


@pytest.mark.parametrize(
    "arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts.test.yml")], ids=["check", "test"]
)
def test_promtool_accepts_the_configuration_and_every_case_of_every_alert(arguments: tuple[str, ...]) -> None:
    if reason := why_not():
        pytest.skip(reason)
    mounted = f"{ROOT}/deploy/prometheus:/etc/prometheus:ro"
    run = ("run", "--rm", "--network", "none", "-v", mounted, "-w", "/etc/prometheus", "--entrypoint", "promtool")
    ran = docker(*run, IMAGE, *arguments, seconds=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "SUCCESS" in ran.stdout
