"""The part of waxline that loads what the broker holds into the databases."""
