"""Assignment of raters by minimum cost (심사위원 배정): the room of the solver, which no domain may enter.

Runs in a process of the pool only: importing `solve` loads the solver (HiGHS) and numpy, importing this package doesn't.
"""
