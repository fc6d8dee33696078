"""Whose a database is: two pipelines that load the same one would undo each other's work."""


def strange(held: str, wanted: str) -> str:
    """Return why a database of one namespace is not for another, empty when it is the same."""
    if held == wanted:
        return ""
    return (
        f"belongs to the namespace {held}, and the setting is {wanted}: load into another "
        f"database, or set namespace to {held}"
    )
