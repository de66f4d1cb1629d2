"""The debt office's pages: the programme and its headroom, assets, who may distribute them, and the ledger."""
