#!/usr/bin/env python3
"""`hone serve` beside the server of llama-cpp-python, in turns, over one GGUF file: time to first token and tokens a second.

Usage: compare-serving.py HONE FILE.gguf WEIGHTS [PYTHON] [ROUNDS]

WEIGHTS are those of hone serve's --weights for the file: bfloat16 for BF16, int8 for Q8_0, int4 for Q4_0. PYTHON has
`llama-cpp-python[server]`, of which the wheel brings no llama-server; `python -m llama_cpp.server` answers one request
after another. Each client asks for a text of 64 tokens after a prompt of its own of some 100, streamed, one request after another.
"""
import asyncio
import json
import random
import socket
import statistics
import subprocess
import sys
import time

hone, model, weights = sys.argv[1:4]
python = sys.argv[4] if len(sys.argv) > 4 else sys.executable
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 2
TOKENS = 64
WORDS = "time people way water day part place work year number sound river tree story road answer letter house".split()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start(name):
    """The process of a server, and its port."""
    port = free_port()
    command = {
        "hone": [hone, "serve", model, "--port", str(port), "--slots", "64", "--weights", weights, "--cache", "bfloat16"],
        "llama.cpp": [python, "-m", "llama_cpp.server", "--model", model, "--port", str(port), "--n_ctx", "1024",
                      "--interrupt_requests", "false", "--n_threads", "2", "--n_threads_batch", "2"],
    }[name]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, port
        except OSError:
            assert process.poll() is None, f"{name} ended"
            time.sleep(0.1)
    raise SystemExit(f"{name} did not start")


async def ask(port, choose):
    """Seconds to the first token, and the tokens of one answer."""
    prompt = " ".join(choose.choice(WORDS) for _ in range(90))
    sent = json.dumps({"prompt": prompt, "max_tokens": TOKENS, "temperature": 1.0, "stream": True,
                       "seed": choose.randrange(1 << 30)}).encode()
    begin = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /v1/completions HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
                 f"Connection: close\r\nContent-Length: {len(sent)}\r\n\r\n".encode() + sent)
    first, chunks, reason = None, 0, None
    while line := await reader.readline():
        if line.startswith(b"data: {"):
            choices = json.loads(line[6:]).get("choices") or [{}]
            first = first or time.perf_counter() - begin
            chunks += 1
            reason = choices[0].get("finish_reason") or reason
    writer.close()
    # Characters of several tokens come together, so only a text that was cut has a known number.
    assert reason in ("length", "stop"), reason
    return first, TOKENS if reason == "length" else chunks


async def measure(port, clients, seed):
    firsts, tokens = [], 0
    requests = max(1, 16 // clients)

    async def client(number):
        nonlocal tokens
        choose = random.Random(1000 * seed + number)
        for _ in range(requests):
            first, count = await ask(port, choose)
            firsts.append(first)
            tokens += count

    await ask(port, random.Random(seed))
    begin = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    return statistics.median(firsts), tokens / (time.perf_counter() - begin)


with open("/proc/cpuinfo") as information:
    processor = next(line.split(": ", 1)[1].strip() for line in information if line.startswith("model name"))
print(f"{processor}; {model.rsplit('/', 1)[-1]}, weights {weights}, {rounds} rounds in turns", flush=True)
found = {}
for turn in range(rounds):
    for name in ["hone", "llama.cpp"]:
        process, port = start(name)
        try:
            for clients in [1, 8, 64]:
                run = asyncio.run(measure(port, clients, turn))
                found.setdefault((clients, name), []).append(run)
                print(f"{name}, {clients} clients: first token {run[0]:.3g} s, {run[1]:.4g} tokens/s", flush=True)
        finally:
            process.terminate()
            process.wait()
print("| clients | first token, s | llama.cpp | tokens a second | llama.cpp | ratio |\n|--:|--:|--:|--:|--:|--:|")
for clients in [1, 8, 64]:
    columns = {}
    for name in ["hone", "llama.cpp"]:
        runs = found[clients, name]
        columns[name] = [" and ".join(f"{run[column]:.3g}" for run in runs) for column in (0, 1)]
    ratio = " and ".join(
        f"{ours[1] / theirs[1]:.2f}" for ours, theirs in zip(found[clients, "hone"], found[clients, "llama.cpp"]))
    print(f"| {clients} | {columns['hone'][0]} | {columns['llama.cpp'][0]} | {columns['hone'][1]} | "
          f"{columns['llama.cpp'][1]} | {ratio} |")
