"""The `--env-file` of every command that reads settings, and those settings."""

# ruff: noqa: PLC0415 - settings are loaded only by commands that use them

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec, TypeVar

import typer

if TYPE_CHECKING:
    from gateway.settings import Settings

_P = ParamSpec("_P")
_R = TypeVar("_R")
_NAME: Final = "env_file"
_OPTION = Annotated[
    Path | None,
    typer.Option("--env-file", help="File with settings; the environment goes before it."),
]
_chosen: ContextVar[Path | None] = ContextVar(_NAME, default=None)


def configured(command: Callable[_P, _R]) -> Callable[..., _R]:
    """Give a command the option `--env-file`; `chosen_settings` reads what it names."""

    @functools.wraps(command)
    def with_file(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        path = kwargs.pop(_NAME, None)
        _chosen.set(path if isinstance(path, Path) else None)
        return command(*args, **kwargs)

    shape = inspect.signature(command)
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = inspect.Parameter(_NAME, keyword, default=None, annotation=_OPTION)
    with_file.__signature__ = shape.replace(  # type: ignore[attr-defined] # typer reads it
        parameters=[*shape.parameters.values(), added]
    )
    with_file.__annotations__ = {**command.__annotations__, _NAME: _OPTION}
    return with_file


def chosen_settings() -> "Settings":
    """Read the settings of this command; raises SettingsError."""
    from gateway.settings import load_settings

    return load_settings(_chosen.get())
