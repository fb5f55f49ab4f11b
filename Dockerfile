# Tocsin's image: the service as one process, without root, on a read-only root; all it keeps is in /data.
#   docker build -t tocsin .
#   docker run --read-only -v ./config.toml:/etc/tocsin/config.toml:ro -v tocsin:/data tocsin

FROM python:3.11-slim-bookworm AS build
# For a mirror of your own, or for wheels on disk: --build-arg PIP_INDEX_ARGS="--no-index --find-links /wheelhouse"
ARG PIP_INDEX_ARGS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv
WORKDIR /src
COPY requirements.lock ./
# PIP_INDEX_ARGS is several words, so it is not quoted.
# hadolint ignore=SC2086
RUN /opt/venv/bin/pip install ${PIP_INDEX_ARGS} --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE config.example.toml ./
COPY docs/schemas docs/schemas
COPY rules rules
COPY scrapers scrapers
COPY bot bot
# What only builds (pip itself too) does not travel. The byte code does, for none can be written at run time; it is
# not held against the files' dates, which a copy between stages may change.
# hadolint ignore=SC2086
RUN /opt/venv/bin/pip install ${PIP_INDEX_ARGS} --no-deps --no-build-isolation . \
 && /opt/venv/bin/pip uninstall --yes hatchling editables setuptools pip \
 && /opt/venv/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /opt/venv

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Tocsin" \
      org.opencontainers.image.description="Alerts on tariffs and trade remedies, from a ministry's page to your chat or mailbox" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    TOCSIN_CONFIG=/etc/tocsin/config.toml \
    TOCSIN_DATA=/data \
    TOCSIN_RULES=/rules
COPY --from=build /opt/venv /opt/venv
# The starter rules; a folder mounted here takes their place.
COPY rules /rules
# /data is of 10001 and of group 0, so that `--user N` (without a group) may write too.
RUN chmod -R a+rX /rules && install -d -o 10001 -g 0 -m 0770 /data
# Here temporary files can be written even if /tmp cannot.
WORKDIR /data
USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
# Sound as soon as every source was polled once; a source that is tried again and again may take its time for that.
HEALTHCHECK --interval=60s --timeout=15s --start-period=180s --retries=3 CMD ["tocsin", "health"]
ENTRYPOINT ["tocsin"]
CMD ["run"]
