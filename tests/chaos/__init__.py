"""Chaos: the four services under load while machines and people do their worst, and an oracle that counts what came of it.

`make chaos` runs it. The table of contents: `rig` is what runs, `load` what people send it and `ledger` what they were
answered, `faults` what goes wrong (a class each), `plan` which of them when (from a seed), `oracle` what must hold
afterwards, `report` how it is told.
"""
