"""Kafka Streams with exactly-once effects on the same work, where a JDK is at hand to compile it with."""

import os
import shutil
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.floor import Work
from deploy.embedded import jars
from deploy.embedded.process import Guarded

SOURCE = Path(__file__).with_name("Streams.java")
JARS = (
    jars.Jar(
        "org.apache.kafka",
        "kafka-streams",
        "4.1.1",
        "e554318dbc2b07461f714be32bb324744ba993eb7a49f938792beff577d7044b",
    ),
    jars.Jar("org.rocksdb", "rocksdbjni", "9.7.3", "5ca63e0e955f101f7af1c1fb8ce260b5d3a5701cea7d8c2852b9d56031a57221"),
)
"""Beside those of the embedded Kafka."""


def at_hand() -> bool:
    """Whether there is a JDK; without one this comparison is left out."""
    return shutil.which("java") is not None and shutil.which("javac") is not None


def start(bench: Bench, work: Work) -> Guarded:
    """Start it on the work. The jars are fetched first where they are missing."""
    log = bench.directory / "logs" / "streams.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    classpath = ":".join(map(str, [*jars.classpath(), *jars.fetched(JARS)]))
    state = bench.directory / "streams"
    java = shutil.which("java") or "java"
    options = ["-Xmx512m", "-XX:+UseParallelGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", classpath]
    environment = {"PATH": os.environ["PATH"]}
    return Guarded([java, *options, str(SOURCE), work.text(), str(state)], log, environment, 15.0)
