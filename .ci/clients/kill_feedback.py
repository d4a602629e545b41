"""Kills a server in the middle of judgments again and again, and looks whether one that it acknowledged is lost.

Usage: kill_feedback.py HONE MODEL [TIMES]
"""
import http.client
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

hone, model = sys.argv[1:3]
times = int(sys.argv[3]) if len(sys.argv) > 3 else 50


def judgment(key):
    answers = [{"text": f"answer {place} of {key} " * 20, "model": f"m{place}", "seed": 1} for place in (0, 1)]
    prompt = [{"role": "user", "content": f"question {key}"}]
    return json.dumps({"key": key, "rater": "r", "prompt": prompt, "answers": answers, "choice": "first"})


def send(port, name, acknowledged):
    """Sends judgments one after another until the server is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        for number in range(100_000):
            key = f"{name}-{number}"
            connection.request("POST", "/feedback/judgments", judgment(key))
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise SystemExit(f"{answer.status} {body}")
            acknowledged.append(key)
    except (OSError, http.client.HTTPException):
        pass


with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder, "choices.sqlite")
    acknowledged = []
    for round in range(times):
        command = [hone, "serve", model, "--port", "0", "--feedback", str(file)]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = ""
        while not (found := re.search(r"serving .* at (http://\S+)", said)):
            line = server.stderr.readline()
            if not line:
                raise SystemExit(said)
            said += line
        port = urllib.parse.urlparse(found[1]).port
        senders = [
            threading.Thread(target=send, args=(port, f"{round}-{sender}", acknowledged)) for sender in range(8)
        ]
        for sender in senders:
            sender.start()
        time.sleep(random.uniform(0.05, 0.4))
        server.send_signal(signal.SIGKILL)
        server.wait()
        server.stderr.close()
        for sender in senders:
            sender.join()
    exported = subprocess.run(
        [hone, "feedback", "export", str(file), "--as", "preferences"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    kept = [json.loads(line)["prompt"][0]["content"].removeprefix("question ") for line in exported]
    lost = set(acknowledged) - set(kept)
    assert acknowledged, "nothing was acknowledged"
    assert not lost, f"{len(lost)} of {len(acknowledged)} are lost"
    assert len(kept) == len(set(kept)), "something is kept twice"
    print(f"killed {times} times: {len(acknowledged)} judgments acknowledged, {len(kept)} kept, none lost")
