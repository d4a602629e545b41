"""A conversation in a terminal, as a person has it. Needs pyte, a terminal in memory. Usage: chat_terminal.py HONE MODEL"""
import fcntl, itertools, json, os, pty, select, struct, sys, tempfile, termios, time

import pyte

hone, model = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
folder = tempfile.mkdtemp()
saves = itertools.count()
LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
WORD_LEFT, WORD_RIGHT, HOME, END, DELETE = "\x1b[1;5D", "\x1b[1;3C", "\x1b[H", "\x1bOF", "\x1b[3~"


class Chat:
    def __init__(self, *options, columns=60, lines=40):
        self.screen = pyte.HistoryScreen(columns, lines, history=1000)
        self.stream = pyte.ByteStream(self.screen)
        process, self.terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            environment = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": folder + "/state"}
            os.execve(hone, [hone, "chat", "--model", model, *options], environment)
        self.process = process
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.wait_for_prompt()

    def read(self, seconds=0.1):
        """Shows what comes until nothing has for so long."""
        while select.select([self.terminal], [], [], seconds)[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return False
            self.stream.feed(data)
        return True

    def wait_for_prompt(self, typed=""):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.read()
            if self.screen.display[self.screen.cursor.y].rstrip() == ("> " + typed).rstrip():
                return
        raise AssertionError("no prompt:\n" + self.shown())

    def shown(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def type(self, keys, seconds=0.1):
        os.write(self.terminal, keys.encode())
        self.read(seconds)

    def say(self, keys):
        self.type(keys + "\r")
        self.wait_for_prompt()

    def messages(self):
        """The conversation so far."""
        file = f"save-{next(saves)}.jsonl"
        self.say("/save " + file)
        with open(os.path.join(folder, file)) as saved:
            return [(message["role"], message["content"]) for message in json.loads(saved.readline())["messages"]]

    def said(self):
        return [content for role, content in self.messages() if role == "user"]

    def end(self, keys="\x04"):
        before = termios.tcgetattr(self.terminal)
        os.write(self.terminal, keys.encode())
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.read()
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                assert os.waitstatus_to_exitcode(status) == 0, status
                os.close(self.terminal)
                return
        raise AssertionError("the chat goes on")


chat = Chat("--max-tokens", "4", "--seed", "1")
# Every key that changes a line.
for keys, expected in [
    ("helo" + LEFT + "l", "hello"), ("world" + HOME + "the " + END + "!", "the world!"),
    ("one two three" + "\x17" + "four", "one two four"), ("one two" + WORD_LEFT + WORD_LEFT + "\x0b" + "x", "x"),
    ("one two" + WORD_LEFT + "\x15", "two"), ("abc" + "\x01" + DELETE + "\x05" + "\x7f", "b"),
    ("one two three" + HOME + WORD_RIGHT + "!" + WORD_RIGHT + "?", "one! two? three"),
    ("a" + "\x1b" + "b" + "x", "xa"), ("日本語" + LEFT + "の" + "\x7f" + "国", "日本国語"),
    ("e\u0301a" + LEFT + "\x7f" + "ö", "öa"), ("👍🏽b" + LEFT + "\x7f" + "c", "cb"),
    ("long " * 40 + HOME + "so ", "so " + "long " * 40),
]:
    chat.say(keys)
    assert chat.said()[-1] == expected, (keys, chat.said()[-1])
# What is seen of it: wide characters take two columns, and the cursor stands where it is.
chat.type("日本語x" + LEFT + LEFT)
assert chat.screen.display[chat.screen.cursor.y].rstrip().replace(" ", "") == ">日本語x", chat.shown()
assert chat.screen.cursor.x == 2 + 4, chat.screen.cursor.x
chat.type("\x15\x0b" + "word " * 20)
assert "word word" in chat.screen.display[chat.screen.cursor.y - 1] and chat.screen.cursor.x > 2, chat.shown()
chat.type("\x15")
assert chat.screen.display[chat.screen.cursor.y].rstrip() == ">", chat.shown()
# Pasted lines are one message, and so are lines that Alt-Enter divides. A pasted command is none of its lines.
chat.say("\x1b[200~first line\rsecond line\r\n  third: \x01 /quit\r\x1b[201~")
assert chat.said()[-1] == "first line\nsecond line\n  third:  /quit", chat.said()[-1]
chat.say("one\x1b\rtwo" + UP + "")
chat.type("\x03")
chat.say("a\x1b\rb")
assert chat.said()[-1] == "a\nb"
# Earlier messages, and the one that was begun.
chat.type("begun" + UP + UP)
chat.type(DOWN + DOWN + "!")
assert chat.screen.display[chat.screen.cursor.y].rstrip() == "> begun!", chat.shown()
# Ctrl-C gives a line up; the conversation goes on.
chat.type("\x03")
chat.wait_for_prompt()
assert "Ctrl-D ends the conversation" in chat.shown() and "^C" not in chat.shown()
count = len(chat.said())
chat.end()

# The next session knows them; another file knows nothing.
chat = Chat("--max-tokens", "4")
chat.say(UP + UP + UP + "?")
assert chat.said() and chat.said()[-1].endswith("?"), chat.said()
assert oct(os.stat(folder + "/state/hone/chat-history.jsonl").st_mode)[-3:] == "600"
chat.end("/quit\r")
chat = Chat("--max-tokens", "4", "--history", "")
chat.say(UP + "only this")
assert chat.said() == ["only this"], chat.said()
chat.end()
print("keys, history and pasted lines")

# Words are whole at the edge of the terminal, and what is shown is what was answered.
chat = Chat("--max-tokens", "200", "--temperature", "1.5", "--seed", "3", columns=30, lines=100)
chat.say("Tell me a long story about the library and everybody in it.")
answer = chat.messages()[-1][1]
lines = [line.rstrip() for line in chat.screen.display]
begin = next(number for number, line in enumerate(lines) if line.startswith("> Tell")) + 1
begin += next(number for number, line in enumerate(lines[begin:]) if not line.startswith("  "))
end = next(number for number, line in enumerate(lines) if line.startswith("> /save"))
words = [word for line in lines[begin:end] for word in line.split()]
assert words == answer.split() or max(map(len, answer.split())) >= 29, (words, answer)
chat.end()

# Ctrl-C in an answer leaves no trace there, nor does what is typed meanwhile.
chat = Chat("--max-tokens", "4000", "--temperature", "1.2", columns=80, lines=100)
for _ in range(20):
    os.write(chat.terminal, b"Tell me everything about the library.\r")
    chat.read(0.01)
    os.write(chat.terminal, b"next")
    os.write(chat.terminal, b"\x03")
    chat.read(0.5)
    chat.type("\x15")
    chat.wait_for_prompt()
    if "stopped" in chat.shown():
        break
shown = chat.shown()
assert "^C" not in shown, shown
assert "stopped" in shown, "the answers were too quick to be stopped"
messages = chat.messages()
# What the model said may be anything.
asked = [content for role, content in messages if role == "user"]
assert asked == ["Tell me everything about the library."] * len(asked), asked
assert [role for role, _ in messages] == ["user", "assistant"] * (len(messages) // 2), messages
chat.end()
print("words at the edge, and a stopped answer")
