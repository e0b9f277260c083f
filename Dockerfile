# The command as an image, which keeps its archive in /data/reports:
#   docker build --tag hyperrep-report .
#   docker run --rm --volume reports:/data --env HYPERREP_API_KEY hyperrep-report --period month
# It has the extra cjk; --build-arg EXTRAS="notify password postgresql" adds the others, or one of them.

ARG BASE=python:3.11-slim-bookworm

# What builds stays behind: pip, the build backend and the sources.
FROM ${BASE} AS build
WORKDIR /build
ARG EXTRAS=""
COPY requirements requirements
RUN python3 -m venv tools \
    && tools/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements/build.txt \
    && python3 -m venv --without-pip /opt/hyperrep-report \
    && tools/bin/pip --python /opt/hyperrep-report/bin/python install \
        --no-cache-dir --no-deps --require-hashes $(printf -- '--requirement requirements/%s.txt ' run $EXTRAS)
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY templates templates
COPY docs/templates.md docs/
COPY packages packages
COPY reporter reporter
RUN tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . ./packages/hyperrep-report-cjk \
    && tools/bin/pip --python /opt/hyperrep-report/bin/python install --no-cache-dir --no-deps --no-index dist/*.whl

FROM ${BASE}
LABEL org.opencontainers.image.title="hyperrep-report" \
    org.opencontainers.image.description="Scheduled reports from the HyperRep API" \
    org.opencontainers.image.licenses="Apache-2.0 AND OFL-1.1"
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home reporter
COPY --from=build /opt/hyperrep-report /opt/hyperrep-report
ENV PATH=/opt/hyperrep-report/bin:$PATH \
    XDG_CACHE_HOME=/tmp/cache
# By number, so that an orchestrator can see that it is not root.
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["hyperrep-report"]
