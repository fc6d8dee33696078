"""waxline's own API, under ``/v1``."""
