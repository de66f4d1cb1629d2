"""The demonstration world: real exchanges with public facts only, invented firms for everything else."""
