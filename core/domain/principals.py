"""Who acts: somebody, or a workload, that an issuer vouches for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody an issuer vouched for. `issuer` is the short name it has in the settings.

    A workload has a `platform`, and `claims` instead of groups: it may do what trusted publishers
    let it, and no grant reaches it.
    """

    issuer: str
    subject: str
    groups: tuple[str, ...] = ()
    platform: str | None = None
    claims: tuple[tuple[str, str | bool | int], ...] = ()

    @property
    def name(self) -> str:
        """How events and grants name this principal: `subject:dev:alice`."""
        return f"subject:{self.issuer}:{self.subject}"

    @property
    def grantees(self) -> tuple[str, ...]:
        """Every name under which a grant reaches this principal."""
        if self.platform is not None:
            return ()
        return (self.name, *(f"group:{self.issuer}:{group}" for group in self.groups))
