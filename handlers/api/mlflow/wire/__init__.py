"""What MLflow's clients send and read, one module per resource: shapes, and nothing else."""
