"""Two days through Airflow; a package, so that its stack ends with it and not with the whole run."""
