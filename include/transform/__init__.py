"""Runs dbt, and the steps of a build."""
