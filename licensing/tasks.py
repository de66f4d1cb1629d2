"""Job handlers of this app; each calls one action."""
