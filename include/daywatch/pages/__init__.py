"""The pages: fleet, models, windows, rows, and the documents to which the mails link, as an application of FastAPI.

Only the api-server imports this folder, so its modules may import FastAPI at the top. They read the warehouse and
the artifacts; who may see what is decided outside (``access.py``).
"""
