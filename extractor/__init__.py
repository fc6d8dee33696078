"""The part of waxline that reads a dump and sends what changed to the broker."""
