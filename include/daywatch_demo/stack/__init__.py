"""The local stack: PostgreSQL, S3, a mailbox and Airflow as plain processes, without Docker.

`stack.Stack` is what to use; every other module is one part of it.
"""
