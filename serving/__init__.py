"""From the databases to whoever asks: a Discogs API of one's own, and waxline's."""
