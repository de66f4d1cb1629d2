"""The gates of licensing, one module a noun. A gate reads its subject and says why it is shut."""
