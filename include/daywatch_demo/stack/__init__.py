"""The local stack: PostgreSQL, S3, a mailbox and Airflow as plain processes, without Docker.

Use `stack.Stack`; every other module is a part of it.
"""
