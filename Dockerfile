# One small image for the extractor and the loaders; which of them runs is the command's matter.
FROM python:3.13-slim AS build

# For what is compiled.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
RUN python -m venv /opt/waxline
WORKDIR /source
COPY pyproject.toml setup.py README.md LICENSE requirements-image.lock ./
COPY common common
COPY config config
COPY extractor extractor
COPY generator generator
COPY loaders loaders
COPY serving serving
COPY waxline waxline
RUN /opt/waxline/bin/pip install --no-cache-dir --require-hashes -r requirements-image.lock \
    && /opt/waxline/bin/pip install --no-cache-dir --no-deps .
# Without what is compiled everything works, some times slower: no image without it.
RUN cd / && /opt/waxline/bin/python -P -m common.compiled


FROM python:3.13-slim

# A numeric user: an orchestrator can then see that it is not root.
RUN useradd --system --uid 10001 --no-create-home waxline \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/waxline
COPY --from=build /opt/waxline /opt/waxline

ENV PATH=/opt/waxline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WAXLINE_DATA_FOLDER=/var/lib/waxline \
    WAXLINE_LOG_FORMAT=json
WORKDIR /var/lib/waxline
USER 10001:10001
CMD ["waxline", "--help"]
