"""Secrets that cannot slip out: no repr, no str, no format shows them.

This module is imported before the first frame: standard library and light modules only.
"""

from typing import NoReturn

from typing_extensions import override

ACCESS_TOKEN_PREFIXES = ("tr_pat_", "tr_uat_", "tr_oat_")
"""How tokens of people and organisations begin; all else is an environment's secret key."""

_ENVIRONMENTS = {"dev": "dev", "stg": "stg", "prod": "prod", "preview": "preview"}


class Secret:
    """A key or a token. Only `reveal()` gives the text; every other way out shows stars."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text.strip()

    def reveal(self) -> str:
        """The text itself: for the Authorization header and for redaction, nothing else."""
        return self.__text

    def __bool__(self) -> bool:
        return bool(self.__text)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    @override
    def __hash__(self) -> int:
        return hash(self.__text)

    @override
    def __repr__(self) -> str:
        return "Secret('***')"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")

    @property
    def is_access_token(self) -> bool:
        """Whether it belongs to a person or an organisation rather than to an environment."""
        return self.__text.startswith(ACCESS_TOKEN_PREFIXES)

    @property
    def environment(self) -> str | None:
        """The environment's slug as the key's own prefix tells it (`tr_prod_…` → `prod`)."""
        parts = self.__text.split("_", 2)
        return _ENVIRONMENTS.get(parts[1]) if len(parts) == 3 and parts[0] == "tr" else None
