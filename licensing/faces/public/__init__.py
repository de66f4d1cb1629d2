"""Pages for everybody: the register and the verification of letters. No score is ever shown here."""
