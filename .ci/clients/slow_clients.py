"""Clients that are slow, greedy or gone, over sockets of their own. Usage: slow_clients.py HONE MODEL"""
import json, re, socket, subprocess, sys, threading, time

hone, model = sys.argv[1:3]
PATIENCE = 2  # --client-timeout


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [hone, "serve", model, "--port", "0", "--client-timeout", str(PATIENCE), *options],
            stderr=subprocess.PIPE, text=True)
        while True:
            line = self.process.stderr.readline()
            assert line, "the server ended"
            if found := re.match(r"serving .*:(\d+)$", line):
                self.port = int(found[1])
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0

    def connect(self, received=None):
        connection = socket.socket()
        if received:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def head(self, path, length):
        return (f"POST {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
                f"Content-Length: {length}\r\n\r\n").encode()

    def send(self, body, path="/v1/completions", received=None):
        connection = self.connect(received)
        body = json.dumps(body).encode()
        connection.sendall(self.head(path, len(body)) + body)
        return connection

    def metric(self, name):
        connection = self.connect()
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode())
        _, text = answer(connection)
        connection.close()
        return int(re.search(rf"^hone_{name}{{.*}} (\d+)$", text, re.M)[1])

    def endless(self, **fields):
        """A request whose texts end with the positions of the model alone."""
        connection = self.connect()
        connection.sendall(f"GET /tokenizer_info HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode())
        ends = [json.loads(answer(connection)[1])["eos_token"], "<|endoftext|>", "<|im_end|>", "</s>"]
        bias = {}
        for end in filter(None, ends):
            body = json.dumps({"prompt": end, "add_special_tokens": False}).encode()
            connection.sendall(self.head("/tokenize", len(body)) + body)
            tokens = json.loads(answer(connection)[1])["tokens"]
            if len(tokens) == 1:
                bias[tokens[0]] = -100
        connection.close()
        return {"prompt": "a", "temperature": 1, "max_tokens": 100_000, "logit_bias": bias, **fields}

    def becomes(self, name, value, within):
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.metric(name) == value:
                return True
            time.sleep(0.02)
        return False


def answer(connection):
    """The status and the body of an answer that has a length; the connection stays open."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None, ""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split()[1]), body.decode()


def seconds_until_closed(connection, keeps_sending=None):
    """What still comes, and the seconds until the other end is closed."""
    begin, data = time.monotonic(), b""
    connection.settimeout(0.2)
    while time.monotonic() < begin + 10 * PATIENCE:
        try:
            if keeps_sending:
                connection.sendall(keeps_sending)
            part = connection.recv(65536)
            if not part:
                return time.monotonic() - begin, data
            data += part
        except TimeoutError:
            pass
        except OSError:
            return time.monotonic() - begin, data
    raise AssertionError("the connection was left open")


with Server() as server:
    # A connection without a request, one with half of its headers, one whose headers trickle; a body that trickles, or
    # stops before or within it, is answered.
    for begun in [b"", b"POST /v1/completions HTTP/1.1\r\nHost: local"]:
        stalled = server.connect()
        stalled.sendall(begun)
        taken, said = seconds_until_closed(stalled)
        assert PATIENCE * 0.9 < taken < PATIENCE * 3 and not said, (taken, said)
    trickling = server.connect()
    trickling.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n")
    taken, _ = seconds_until_closed(trickling, b"X-A: b\r\n")
    assert taken < PATIENCE * 3, taken
    for body, more in [(b"", b" "), (b"", None), (b" " * 500, None)]:
        slow = server.connect()
        slow.sendall(server.head("/v1/completions", 1000) + body)
        taken, said = seconds_until_closed(slow, more)
        assert PATIENCE * 0.9 < taken < PATIENCE * 4, taken
        assert b" 408 " in said and b'"error"' in said, (body, more, said)
    # A body that is too large is refused, and the answer arrives although the client is still sending.
    large = server.connect()
    large.sendall(server.head("/v1/completions", 20 << 20))
    refused = threading.Thread(target=lambda: [large.sendall(b" " * 65536) for _ in range(160)])
    refused.start()
    refused.join()
    status, text = answer(large)
    assert status == 413, (status, text)
    # One connection serves one request after another, several at once in their order.
    connection = server.connect()
    for _ in range(3):
        body = b'{"prompt": "a", "max_tokens": 1}'
        connection.sendall(server.head("/v1/completions", len(body)) + body)
        assert answer(connection)[0] == 200
    print("slow writers: closed in time; a connection is kept for further requests")

    # A client that does not read: more is sent than fits between the two.
    long = server.endless(n=8, logprobs=20, stream=True)
    lazy = server.send(long, received=4096)
    assert server.becomes("requests_running", 1, within=10)
    assert server.becomes("requests_running", 0, within=60)
    time.sleep(2 * PATIENCE)
    taken, text = seconds_until_closed(lazy)
    assert taken < 1 and b"[DONE]" not in text, taken
    diligent = server.send(long)
    taken, text = seconds_until_closed(diligent)
    assert text.count(b"[DONE]") == 1
    print("slow reader: dropped; one that reads gets all")

    # Clients that go: while a text is generated, and half closed.
    for leave in [lambda c: c.close(), lambda c: c.shutdown(socket.SHUT_WR)]:
        for streams in [False, True]:
            before = server.metric("requests_canceled_total")
            going = server.send({**long, "stream": streams})
            assert server.becomes("requests_running", 1, within=10)
            leave(going)
            assert server.becomes("requests_running", 0, within=2), streams
            assert server.metric("requests_canceled_total") == before + 1
    print("clients that go free their slots")

with Server("--request-timeout", "1", "--slots", "1") as server:
    # As many requests as it takes: a fast machine answers dozens of them in the second that they have.
    statuses, request = [], server.endless(logprobs=20)
    for count in [40, 120, 250]:
        if 504 in statuses:
            break
        for connection in [server.send(request) for _ in range(count)]:
            status, text = answer(connection)
            statuses.append(status)
            if status == 200:
                assert json.loads(text)["choices"][0]["finish_reason"] == "length", text
            else:
                assert status == 504 and json.loads(text)["error"]["type"] == "server_error", text
            connection.close()
    assert 200 in statuses and 504 in statuses, statuses
    print(f"time of a request: {statuses.count(200)} answered, {statuses.count(504)} told that it was over")

with Server("--connections", "8") as server:
    held = [server.connect() for _ in range(8)]
    time.sleep(0.3)
    waiting = server.connect()
    waiting.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    waiting.settimeout(PATIENCE / 2)
    try:
        answer(waiting)
        raise AssertionError("a ninth connection was served beside eight")
    except TimeoutError:
        pass
    waiting.settimeout(30)
    assert answer(waiting)[0] == 200
    print("connections: the ninth is served when one of the others has been closed")
