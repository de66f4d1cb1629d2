"""What the public may know of the programme: its figures, the issued assets and where they may be bought now."""
