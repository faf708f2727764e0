"""Assignment of raters by minimum cost (심사위원 배정): the room of the solver, which no domain may enter.

Runs in a worker process only: importing `solve` loads the solver (HiGHS) and numpy, importing this package does not.
"""
