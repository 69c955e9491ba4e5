"""Where one can go: projects, their environments, other profiles, as lines to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.config.options import Destination
from trigdash.model.capability import Capability
from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.units import short_count

if TYPE_CHECKING:
    from trigdash.config.options import UiSettings
    from trigdash.model.environment import Environment, EnvironmentFigures, Project
    from trigdash.service.environments import EnvironmentDirectory
    from trigdash.service.session import Session

PREVIEW = "preview"
NAME_WIDTH = 26
TYPE_WIDTH = 11
COUNT_WIDTH = 7
"""Of a number, and of one with the mark of failures."""


@dataclass(frozen=True, slots=True)
class DestinationLine:
    """One line of the picker: a place to go to, or a project to look into."""

    cell: Cell
    goes_to: Destination | None = None
    looks_into: str | None = None
    """A project whose environments are not listed yet."""
    is_here: bool = False

    @property
    def place(self) -> object:
        """What stays the same of a line while more becomes known."""
        return self.goes_to or self.looks_into or self.cell


@dataclass(frozen=True, slots=True)
class EnvironmentCounts:
    """What is known of the runs of the last 24 hours in each environment of our project."""

    figures: Sequence[EnvironmentFigures] | None = None
    """None while they are not known. An environment without runs is not among them."""
    problem: str = ""
    """Why they are unknown, in words."""

    def cell(self, environment: Environment) -> Cell:
        """Runs and failures of an environment."""
        if self.figures is None:
            return ((f"{'—' if self.problem else '':>{COUNT_WIDTH}}", "faint"), _NOTHING)
        from trigdash.model.environment import figures_of

        told = figures_of(environment, self.figures)
        if told is None:
            return (_NOTHING, _NOTHING)
        runs = (f"{short_count(told.runs):>{COUNT_WIDTH}}", "text" if told.runs else "faint")
        if not told.failed:
            return (runs, _NOTHING)
        return (runs, (f"{'× ' + short_count(told.failed):>{COUNT_WIDTH}}", "bad-strong"))

    def legend(self) -> Cell:
        """What the counts are, or why there are none."""
        if self.problem and self.figures is None:
            return (("—", "faint"), (f" no counts: {self.problem}", "warn"))
        older = (f"   not asked again: {self.problem}" if self.problem else "", "warn")
        return (("runs of the last 24 h, ", "dim"), ("×", "bad-strong"), (" failed", "dim"), older)


_NOTHING: Piece = (" " * COUNT_WIDTH, "text")


@dataclass(frozen=True, slots=True)
class Here:
    """Where we are."""

    project: str
    environment: str
    branch: str
    profile: str | None


def current_place(session: Session) -> Here:
    """Where a session is."""
    return Here(session.project, session.environment_slug, session.branch, session.profile)


def destination_lines(
    directory: EnvironmentDirectory,
    where: Here,
    profiles: Mapping[str, UiSettings],
    note: str,
    counts: EnvironmentCounts,
) -> Sequence[DestinationLine]:
    """All lines, what is near first: the project that we are in, other projects, profiles. Only
    the environments of our project are counted."""
    listed: list[DestinationLine] = []
    projects = {project.external_ref: project for project in directory.projects}
    refs = [where.project, *(ref for ref in projects if ref != where.project)]
    for ref in refs:
        if ref in projects or ref in directory.environments:
            environments = directory.environments.get(ref)
            counted = counts if ref == where.project else None
            listed += _project(projects.get(ref), ref, environments, where, counted)
    if note:
        listed.append(DestinationLine(((f"  {note}", "warn"),)))
    listed += _profiles(profiles, where)
    return listed


def _project(
    project: Project | None,
    ref: str,
    environments: Sequence[Environment] | None,
    where: Here,
    counts: EnvironmentCounts | None,
) -> Iterable[DestinationLine]:
    name = (project.name if project else "") or ref or "this project"
    owner = project.organization.title if project else ""
    head: list[Piece] = [(name, "strong")]
    if facts := " · ".join(part for part in (owner, ref) if part and part != name):
        head.append((f"   {facts}", "faint"))
    unknown = environments is None
    if unknown:
        head += [("   enter", "key"), (" lists its environments", "dim")]
    yield DestinationLine(tuple(head), looks_into=ref if unknown else None)
    for environment in sorted(environments or (), key=lambda each: _order(each.slug)):
        yield _environment(environment, ref, where, counts)


def _order(slug: str) -> int:
    """As the platform orders them; branches, which come last, right below their parent."""
    return _USUAL.index(slug) if slug in _USUAL else len(_USUAL)


def _environment(
    environment: Environment, ref: str, where: Here, counts: EnvironmentCounts | None
) -> DestinationLine:
    slug, branch = environment.slug, environment.branch_name or ""
    is_here = (where.project, where.environment, where.branch) == (ref, slug, branch)
    role = "production" if environment.is_production else "text"
    name = f"{slug} {branch}".rstrip()
    cell: list[Piece] = [("  ", "text"), (f" {name} ", role)]
    cell.append((" " * max(NAME_WIDTH - len(name), 1), "text"))
    cell.append((f"{environment.type.lower():<{TYPE_WIDTH}}", "dim"))
    if environment.is_preview:
        cell += [("   enter", "key"), (" names a branch", "dim")]
    elif counts is not None:
        cell += counts.cell(environment)
    if environment.paused:
        cell.append(("  paused", "warn"))
    if is_here:
        cell.append(("  here", "accent"))
    return DestinationLine(
        tuple(cell),
        Destination(project=ref or None, environment=slug, branch=branch or None),
        is_here=is_here,
    )


def _profiles(profiles: Mapping[str, UiSettings], where: Here) -> Iterable[DestinationLine]:
    for name, settings in sorted(profiles.items()):
        is_here = name == where.profile
        cell: list[Piece] = [("profile ", "dim"), (name, "strong")]
        cell.append((" " * max(NAME_WIDTH - len(name) - 4, 1), "text"))
        cell.append((settings.server, "dim"))
        if settings.environment:
            role = "production" if settings.environment == "prod" else "dim"
            cell += [("   ", "dim"), (f" {settings.environment} ", role)]
        if settings.read_only:
            cell.append(("   read-only", "warn"))
        if is_here:
            cell.append(("   here", "accent"))
        yield DestinationLine(tuple(cell), Destination(profile=name), is_here=is_here)


_ALIASES = {"staging": "stg", "production": "prod", "development": "dev"}
_USUAL = ("dev", "stg", "preview", "prod")


def environment_names(session: Session) -> tuple[str, ...]:
    """What `:env` takes here: what was seen of the project, else the usual ones."""
    known = session.directory.slugs(session.project) or _USUAL
    return (*known, *(alias for alias, slug in _ALIASES.items() if slug in known))


def branch_names(session: Session) -> tuple[str, ...]:
    """The preview branches that were seen of the project."""
    seen = session.directory.environments.get(session.project, ())
    return tuple(environment.branch_name for environment in seen if environment.branch_name)


def wants_branch(where: Destination) -> bool:
    """Whether a place cannot be gone to until a branch of it is named."""
    return where.environment == PREVIEW and where.branch is None


def read_environment(argument: str) -> Destination:
    """`staging`, or `preview feature/x` for a branch."""
    name, _, branch = argument.partition(" ")
    return Destination(environment=_ALIASES.get(name, name), branch=branch.strip() or None)


def unknown_environment(session: Session, argument: str) -> str | None:
    """Why the user cannot switch to an environment, in words; None when that is possible."""
    where = read_environment(argument)
    names = environment_names(session)
    if where.environment not in names:
        return f"no environment {where.environment}: {', '.join(names)}"
    if where.branch and where.environment != PREVIEW:
        return f"only {PREVIEW} has branches"
    if wants_branch(where):
        return f"which branch? {', '.join(branch_names(session)) or ':env preview NAME'}"
    if where.environment == session.environment_slug:
        return None
    return session.disabled_reason(Capability.ENVIRONMENTS) or None
