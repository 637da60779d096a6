"""The warehouse: tables for people who write SQL."""
