# The image of every Airflow component and of the mail catcher: the project with its pinned environment.
FROM python:3.11-slim-bookworm

RUN groupadd --gid 1000 customer360 && useradd --uid 1000 --gid 1000 --create-home customer360
WORKDIR /opt/customer360
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY config config
COPY dbt_project dbt_project
COPY include include
COPY plugins plugins
COPY dags dags
RUN mkdir -p /var/lib/customer360 && chown customer360:customer360 /var/lib/customer360

ENV PYTHONPATH=/opt/customer360:/opt/customer360/config \
    AIRFLOW_HOME=/var/lib/customer360/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/customer360/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/customer360/plugins \
    CUSTOMER360_RUN_DIR=/var/lib/customer360
USER customer360
