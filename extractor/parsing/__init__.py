"""From groups of raw records to encoded batches, in processes of their own."""
