"""Self-contained pages: no scripts, nothing fetched, and what people wrote is text whatever it contains."""

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from owlbus import words


def render(template: str, language: words.Language, **values: Any) -> str:
    """The page of a template beside this module, in one language."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(language=language, say=partial(words.say, language), **values)
