"""The gate of the front: what a request costs, who asks, and whether it passes."""

from collections.abc import Sequence

from starlette.types import Scope

from serving.access.admission import Access
from serving.access.costs import cost_of
from serving.answers import Answer


class AccessGate:
    """Admits requests by keys and limits."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def admit(self, scope: Scope) -> tuple[Answer | None, Sequence[tuple[bytes, bytes]]]:
        """Return what refuses a request, None to let it pass, and headers of its answer."""
        client = scope.get("client")
        admission = await self._access.admit(
            scope["headers"],
            scope["query_string"],
            client[0] if client else "",
            cost_of(scope["path"]),
        )
        return admission.refusal, admission.headers
