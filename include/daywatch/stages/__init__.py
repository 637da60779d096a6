"""The stages of the day, one module each, and the day itself without Airflow."""
