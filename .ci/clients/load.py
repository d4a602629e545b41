"""Many clients at once: no error but 429, the same answer to the same request, and memory that stays what it is.

Usage: load.py HONE MODEL [--seconds 20] [--clients 1000] [options of hone serve]
"""
import argparse, asyncio, collections, json, random, re, subprocess, sys, time

arguments = argparse.ArgumentParser()
arguments.add_argument("hone")
arguments.add_argument("model")
arguments.add_argument("--seconds", type=float, default=20)
arguments.add_argument("--clients", type=int, default=1000)
arguments, options = arguments.parse_known_args()

server = subprocess.Popen(
    [arguments.hone, "serve", arguments.model, "--port", "0", *options], stderr=subprocess.PIPE, text=True)
while not (found := re.match(r"serving .*:(\d+)$", line := server.stderr.readline())):
    assert line, "the server ended"
port = int(found[1])

counts, problems, answers = collections.Counter(), [], {}
first_token, tokens = [], 0


class Refused(Exception):
    pass


async def head(reader):
    """The status and headers of an answer."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:] if line)


async def body(reader, headers):
    """What an answer says: all of it, or its parts as they come."""
    if "content-length" in headers:
        yield await reader.readexactly(int(headers["content-length"]))
        return
    while length := int(await reader.readline(), 16):
        yield await reader.readexactly(length)
        await reader.readline()
    await reader.readline()


def request(number):
    """One of a hundred requests, with its path."""
    words = ["the library", "two apples", "a long road", "rain", "who you are"]
    question = f"Tell me about {words[number % 5]}, number {number % 20}."
    fields = {"max_tokens": 8 + number % 60, "seed": number, "temperature": (number % 3) / 2,
              "stream": number % 2 == 0}
    if number % 4 < 2:
        system = {"role": "system", "content": "You are an assistant. " * (number % 7)}
        user = {"role": "user", "content": question}
        return "/v1/chat/completions", {"messages": [system, user], **fields}
    return "/v1/completions", {"prompt": question, "logprobs": number % 3, **fields}


async def ask(reader, writer, number, leaves):
    global tokens
    path, fields = request(number)
    sent = json.dumps(fields).encode()
    begin = time.monotonic()
    writer.write(f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
                 + sent)
    await writer.drain()
    status, headers = await head(reader)
    text, parts = b"", 0
    async for part in body(reader, headers):
        parts += 1
        if parts == 2:
            first_token.append(time.monotonic() - begin)
        text += part
        if leaves and parts > 3:
            counts["left"] += 1
            raise Refused
    counts[status] += 1
    if status == 429:
        assert "retry-after" in headers
        return False
    assert status == 200, (status, text)
    if fields["stream"]:
        events = text.decode().split("\n\n")
        assert events[-2:] == ["data: [DONE]", ""], text
        choices = [json.loads(event[6:])["choices"][0] for event in events[:-2]]
        said = "".join(choice.get("text") or choice.get("delta", {}).get("content") or "" for choice in choices)
        tokens += len(choices)
    else:
        answer = json.loads(text)
        choice = answer["choices"][0]
        said = choice.get("text") or choice.get("message", {}).get("content")
        tokens += answer["usage"]["completion_tokens"]
    assert answers.setdefault(number, said) == said, f"request {number} was answered otherwise before"
    return True


async def client(seed, end):
    choose = random.Random(seed)
    await asyncio.sleep(choose.random() * 2)
    while time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                for _ in range(choose.randrange(1, 20)):
                    if time.monotonic() > end:
                        break
                    if not await ask(reader, writer, choose.randrange(100), choose.random() < 0.02):
                        await asyncio.sleep(1 + 2 * choose.random())
            finally:
                writer.close()
        except Refused:
            pass
        except Exception as problem:
            problems.append(f"{type(problem).__name__}: {problem}")
            await asyncio.sleep(1)


def megabytes():
    with open(f"/proc/{server.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


async def watch(end):
    memory = []
    while time.monotonic() < end:
        await asyncio.sleep(min(1, arguments.seconds / 40))
        memory.append(megabytes())
    return memory


async def main():
    end = time.monotonic() + arguments.seconds
    memory, *_ = await asyncio.gather(watch(end), *(client(seed, end) for seed in range(arguments.clients)))
    return memory


memory = asyncio.run(main())
server.terminate()
assert server.wait(timeout=60) == 0, "the server did not drain"
# The first third fills the cache of prompts.
third = len(memory) // 3
middle, last = max(memory[third:2 * third]), max(memory[2 * third:])
first_token.sort()
print(f"{arguments.clients} clients, {arguments.seconds:g} s: {dict(counts)}, {tokens / arguments.seconds:.0f} tokens/s, "
      f"first token of a stream after {first_token[len(first_token) // 2]:.2f} s (median), "
      f"{first_token[len(first_token) * 99 // 100]:.2f} s (99 of 100)")
print(f"memory: {memory[0]:.0f} MB after the first second, at most {middle:.0f} MB in the second third and "
      f"{last:.0f} MB in the last")
assert not problems, collections.Counter(problems).most_common(5)
assert counts[200] > 0
assert last < 1.1 * middle + 16, "memory grows"
