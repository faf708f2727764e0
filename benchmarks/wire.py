"""What a service sends over the wire while it works: round trips to MongoDB and bytes, for each of its transactions."""

import re
from typing import Any

import httpx
from pymongo import MongoClient

_TRANSACTIONS = re.compile(r"^owlbus_transaction_seconds_(count|sum) (\S+)$", re.MULTILINE)
_INPUTS = re.compile(r"^owlbus_inputs_total\{[^}]*\} (\S+)$", re.MULTILINE)


class Wire:
    """Counts from its creation on. Everything that talks to the server counts, so let nobody else do so."""

    def __init__(self, uri: str, url: str) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(uri)
        self._url = url
        self._before = self._network()

    def since_start(self) -> dict[str, float]:
        """Round trips, bytes, inputs and milliseconds, each for one transaction on the average."""
        after = self._network()
        text = httpx.get(f"{self._url}/metrics", timeout=5.0, trust_env=False).text
        found = {name: float(value) for name, value in _TRANSACTIONS.findall(text)}
        transactions = max(1.0, found.get("count", 0.0))
        return {
            "transactions": transactions,
            "inputs": round(sum(map(float, _INPUTS.findall(text))) / transactions, 1),
            "milliseconds": round(1000 * found.get("sum", 0.0) / transactions, 2),
            "round_trips": round((after["numRequests"] - self._before["numRequests"]) / transactions, 2),
            "bytes_to_mongod": round((after["bytesIn"] - self._before["bytesIn"]) / transactions),
        }

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _network(self) -> dict[str, float]:
        status: dict[str, Any] = self._client["admin"].command("serverStatus")
        return {name: float(status["network"][name]) for name in ("numRequests", "bytesIn")}
