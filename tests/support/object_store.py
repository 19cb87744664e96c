"""A small object store on the loopback, as /vsis3/ and /vsicurl/ see one: PUT, GET with ranges, HEAD, DELETE, listing.

    object_store.py FOLDER

Objects lie as files under FOLDER. The port is written to FOLDER/port. While FOLDER/refuse exists, every PUT is
answered with 503. What was asked for is appended to FOLDER/requests, a line each. It ends with its parent.
"""
import glob
import html
import http.server
import os
import sys
import threading
import time
import urllib.parse

ROOT = os.path.abspath(sys.argv[1])


def listing(bucket, query):
    """What S3 says of the objects whose keys begin with a prefix, those of deeper folders left out."""
    prefix = urllib.parse.parse_qs(query).get("prefix", [""])[0]
    rows = ""
    for name in sorted(glob.glob(glob.escape(os.path.join(bucket, prefix)) + "*")):
        if os.path.isfile(name):
            key = html.escape(os.path.relpath(name, bucket))
            rows += (f"<Contents><Key>{key}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified>"
                     f"<Size>{os.path.getsize(name)}</Size></Contents>")
    return (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Prefix>{html.escape(prefix)}</Prefix>'
            f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>").encode()


class Store(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def path_asked(self):
        parts = urllib.parse.urlsplit(self.path)
        with open(os.path.join(ROOT, "requests"), "a") as log:
            log.write(f"{self.command} {self.path}\n")
        return os.path.join(ROOT, "objects", urllib.parse.unquote(parts.path).strip("/")), parts.query

    def do_PUT(self):
        path, _ = self.path_asked()
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if os.path.exists(os.path.join(ROOT, "refuse")):
            return self.answer(503)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(body)
        self.answer(200, headers=[("ETag", '"1"')])

    def do_GET(self):
        path, query = self.path_asked()
        if "prefix=" in query or "delimiter=" in query:
            return self.answer(200, listing(path, query))
        if not os.path.isfile(path):
            return self.answer(404)
        with open(path, "rb") as file:
            body = file.read()
        wanted = self.headers.get("Range")
        if not wanted:
            return self.answer(200, body, [("Accept-Ranges", "bytes")])
        first, last = wanted.split("=")[1].split("-")
        first, last = int(first), min(int(last or len(body) - 1), len(body) - 1)
        if first >= len(body):
            return self.answer(416)
        self.answer(206, body[first : last + 1], [("Content-Range", f"bytes {first}-{last}/{len(body)}")])

    do_HEAD = do_GET

    def do_DELETE(self):
        path, _ = self.path_asked()
        if os.path.isfile(path):
            os.remove(path)
        self.answer(204)


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


os.makedirs(os.path.join(ROOT, "objects"), exist_ok=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
with open(os.path.join(ROOT, "port.new"), "w") as port:
    port.write(str(server.server_address[1]))
os.rename(os.path.join(ROOT, "port.new"), os.path.join(ROOT, "port"))
threading.Thread(target=end_with_parent, daemon=True).start()
server.serve_forever()
