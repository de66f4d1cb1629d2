"""An exchange's own pages: its firms, its cases, evidence, set-up and letters."""
