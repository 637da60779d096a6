"""The DAGs of a model, one module for each; the files in `dags/` make them for all models."""
