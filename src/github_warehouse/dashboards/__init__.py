"""Dashboards, made from one definition."""
