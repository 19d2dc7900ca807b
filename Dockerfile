FROM python:3.11-slim

# opencv-python loads these two even where nothing is shown.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libglib2.0-0 libgl1 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /halfseen
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt -r requirements.txt

COPY . .
RUN useradd --create-home halfseen && mkdir /data && chown halfseen /data
USER halfseen

ENV HALFSEEN_DATA_DIR=/data HALFSEEN_ADDRESS=0.0.0.0 PORT=8501 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8501
# The slim image has no curl. Any other path answers 200 as well, so exactly this one.
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; assert r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health').read() == b'ok'"]
CMD ["python", "-m", "app", "serve", "--prepare"]
