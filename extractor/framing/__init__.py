"""From blocks of a dump to whole records, on raw bytes."""
