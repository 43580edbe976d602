# Second Look in a container: `docker build -t second-look .`; docs/operate.md says how to run it.
FROM python:3.11.14-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
# Wheels alone: nothing is built, and no compiler is needed.
RUN /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/requirements.lock

FROM python:3.11.14-slim-bookworm
# Fixed numbers: who may read a mounted file is decided by them.
RUN groupadd --gid 10001 second-look \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin second-look \
    && install --directory --owner 10001 --group 10001 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Compiled here, because the app can write nowhere but to /data and /tmp.
RUN /opt/venv/bin/python -m compileall -q app.py lib pages
# A new volume begins with the built-in models, and keeps those that are uploaded.
RUN cp -R models /data/models && chown -R 10001:10001 /data

ENV PATH=/opt/venv/bin:$PATH
ENV PYTHONDONTWRITEBYTECODE=1
ENV PYTHONUNBUFFERED=1
ENV MALLOC_ARENA_MAX=2
ENV MALLOC_MMAP_THRESHOLD_=262144
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0
ENV STREAMLIT_SERVER_PORT=8501
ENV SECOND_LOOK_DATA_DIR=/data
ENV SECOND_LOOK_MODELS_DIR=/data/models

USER 10001:10001
VOLUME /data
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"STREAMLIT_SERVER_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["streamlit", "run", "app.py"]
