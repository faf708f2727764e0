"""Chaos: the four services under load while machines and people do their worst, and an oracle that counts.

`make chaos` runs it. The table of contents: `rig` is what runs, `load` what people send it and `ledger` what they were
answered, `faults` what goes wrong (a class each), `plan` which of them when (from a seed), `evidence` what is left of
it all, `oracle` what must hold of that, `report` how it is told.
"""
