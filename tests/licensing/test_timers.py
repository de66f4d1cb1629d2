"""What only the passing of time does, all sweeps together."""

import logging

from licensing.actions import timers


def test_a_sweep_that_cannot_run_stops_no_other(monkeypatch, caplog, at):
    def broken(at):
        raise LookupError("a figure has no value")

    sweeps = {"a.broken": broken, "b.whole": lambda at: 3}
    monkeypatch.setattr(timers, "SWEEPS", sweeps)
    with caplog.at_level(logging.ERROR):
        assert timers.run(at=at) == {"b.whole": 3}
    assert "The timer a.broken could not run." in caplog.text
