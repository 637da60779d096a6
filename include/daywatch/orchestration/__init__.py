"""The only place that knows Airflow: connections, task defaults, callbacks."""
