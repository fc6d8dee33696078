"""What all parts of waxline share: records, messages, broker, store, errors, logs."""
