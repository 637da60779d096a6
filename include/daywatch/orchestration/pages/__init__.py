"""The pages inside Airflow: its login and rights, and the tabs on its DAGs and runs; the pages are ``daywatch.pages``.

Only the api-server imports this folder, so its modules may import FastAPI and Airflow's core at the top.
"""
