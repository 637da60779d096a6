"""The only folder that imports Airflow: connections, task defaults, timetables, notices and pages."""
