"""Every state machine of licensing, one module a noun: a row per move, with an empty body."""
