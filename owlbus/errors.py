"""What the command line says when something can't be done."""


class OwlbusError(Exception):
    """Something can't be done: one line for the person at the terminal, with what to do about it.

    `code` is what the command ends with.
    """

    code = 1
