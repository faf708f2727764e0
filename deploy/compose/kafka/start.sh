#!/bin/bash
# Formats an empty data directory, with the one user that makes the others, then runs the broker.
set -euo pipefail
secrets=/run/secrets/owlbus
here=$(dirname "$0")
export KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.yaml

/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --config "$here/server.properties" \
  --cluster-id="$(<"$secrets/cluster")" --add-scram "SCRAM-SHA-512=[name=setup,password=$(<"$secrets/setup")]"
exec /opt/kafka/bin/kafka-server-start.sh "$here/server.properties"
