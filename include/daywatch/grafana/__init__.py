"""Dashboards for Grafana over the warehouse, as files that Grafana provisions itself from."""
