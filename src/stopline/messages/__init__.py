"""What came in (inputs), what happened (events), what to do (effects), what was answered (replies)."""
