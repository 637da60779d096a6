"""The pages in the Airflow UI: models, their windows, and the documents that the mails link to.

Imported by the api-server alone, so FastAPI and Airflow's core may stand at module level here.
"""
