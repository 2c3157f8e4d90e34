"""Starts, drives and stops the services of one machine: Postgres, Airflow, the mail catcher."""
