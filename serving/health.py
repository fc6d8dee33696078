"""Whether a process lives, and whether it can answer."""

from fastapi import APIRouter

from serving.parts import Parts


def make_router(parts: Parts) -> APIRouter:
    """Return the routes for whoever supervises the process."""
    router = APIRouter(tags=["service"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """Tell that the event loop answers; no server is asked."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> dict[str, str]:
        """Tell that PostgreSQL answers; 503 when it does not."""
        async with parts.reading.session() as session:
            await session.execute("SELECT")
        return {"status": "ready"}

    return router
