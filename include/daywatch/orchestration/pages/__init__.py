"""The pages in the Airflow UI: models, their windows, and the documents to which the mails link.

Only the api-server imports this folder, so its modules may import FastAPI and Airflow's core at the top.
"""
