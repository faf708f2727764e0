"""The command line: lists the commands, turns what goes wrong into one line."""

import sys

import typer

from deploy.embedded.process import EmbeddedError
from owlbus.commands import demo, docs, down, imports, log, ops, packs, status, token, up
from owlbus.errors import OwlbusError
from shared.runtime.kafka.access import KafkaUnavailable, TopicsUnfit
from shared.runtime.memory import keep_freed_memory
from shared.runtime.settings import SettingsError

app = typer.Typer(
    name="owlbus",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("status")(status.status)
app.command("down")(down.down)
app.command("demo")(demo.demo)
app.command("token")(token.token)
app.command("docs")(docs.docs)
app.add_typer(imports.app, name="import")
app.add_typer(log.app, name="log")
app.add_typer(ops.app, name="ops")
app.add_typer(packs.app, name="pack")


@app.callback()
def about() -> None:
    """Owlbus: ideas from submission to spread, as events between four services."""


def main() -> None:
    """Run a command. Ends with 1 and one line where it can't be done, with 2 where it was called wrongly.

    What an auditor asks has codes of its own: see `owlbus.audit.outcome`.
    """
    keep_freed_memory()
    try:
        app(prog_name="owlbus")
    except OwlbusError as error:
        _end(str(error), error.code)
    except (EmbeddedError, SettingsError, TopicsUnfit) as error:
        _end(str(error))
    except KafkaUnavailable as error:
        _end(f"Kafka can't be reached: {error}; is it running? (`owlbus status`)")


def _end(line: str, code: int = 1) -> None:
    print(f"owlbus: {line}", file=sys.stderr)
    sys.exit(code)
