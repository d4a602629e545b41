"""The pages of `hone serve` in a real browser: chat, compare, results, hostile replies, a phone in the dark.

Usage: pages.py HONE MODEL [FOLDER FOR SCREENSHOTS]
Needs selenium, and Debian's chromium and chromium-driver.
"""
import json
import pathlib
import sys
import tempfile

from browser import browser, button, find, find_all, served, wait
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

hone, model = sys.argv[1:3]
shots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
hostile = (
    "<img src=x onerror='window.hacked = 1'><script>window.hacked = 2</script> **bold** `code <b>`\n\n"
    "[a link](javascript:window.hacked=3) ![a picture](http://127.0.0.1:1/leak.png)\n\n"
    "```html\n</code></pre><iframe srcdoc='<script>parent.hacked = 4</script>'></iframe>\n```\n"
    "<style>* { display: none }</style><svg onload='window.hacked = 5'>"
)


def say(driver, text):
    count = len(find_all(driver, "article.assistant"))
    find(driver, "#question").send_keys(text + Keys.ENTER)
    wait(driver, lambda: len(find_all(driver, "article.assistant")) > count, "no answer began")
    wait(driver, lambda: find(driver, "#send").is_displayed(), "no answer ended")


def conversation(driver):
    """The root and the messages as the page remembers them, in the order in which they came."""
    return json.loads(driver.execute_script("return sessionStorage.getItem('conversation')"))


def snapshot(driver, name):
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(str(shots / f"{name}.png"))


def complaints(driver):
    return [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def chat(driver, url):
    driver.get(url + "/")
    wait(driver, lambda: len(find_all(driver, "#model option")) == 2, "the models are not offered")
    say(driver, "Where is the library?")
    for _ in range(20):
        if conversation(driver)[2]["content"].strip():
            break
        # A model may have no word to say; of what it says, something is shown and judged below.
        driver.execute_script("document.getElementById('clear').click()")
        say(driver, "Where is the library?")
    say(driver, "Who are you?")
    assert [a.get_attribute("class") for a in find_all(driver, "#log article")] == ["user", "assistant"] * 2
    # The model's doubt: each token by mouse and by keys.
    answer = find_all(driver, "article.assistant")[0]
    # The answer may end within a character.
    said = conversation(driver)[2]["content"].rstrip("\ufffd")
    button(answer, "Doubt").click()
    tokens = find_all(answer, ".token")
    shown = "".join(token.get_attribute("textContent") for token in tokens)
    assert said in shown, (said, shown)
    if len(tokens) > 1:
        ActionChains(driver).move_to_element(tokens[0]).perform()
        wait(driver, lambda: find(driver, "#doubt").is_displayed(), "no alternatives on hover")
        assert "%" in find(driver, "#doubt").text
        tokens[0].send_keys(Keys.ARROW_RIGHT)
        assert driver.switch_to.active_element == tokens[1] and find(driver, "#doubt").is_displayed()
    snapshot(driver, "chat")
    button(find_all(driver, "article.assistant")[0], "Doubt").click()
    # Another draw, and an edited question: branches, each with what followed it.
    button(find_all(driver, "article.assistant")[1], "Retry").click()
    wait(driver, lambda: "2 of 2" in find_all(driver, "article.assistant")[1].text, "no second draw")
    wait(driver, lambda: find(driver, "#send").is_displayed(), "no answer ended")
    button(find_all(driver, "article.user")[0], "Edit").click()
    area = find(driver, "article.user textarea")
    area.send_keys(Keys.CONTROL + "a")
    area.send_keys("Where is the bakery?" + Keys.ENTER)
    wait(driver, lambda: len(find_all(driver, "#log article")) == 2, "the edited question has no branch")
    wait(driver, lambda: find(driver, "#send").is_displayed(), "no answer ended")
    find(driver, "article.user [aria-label='Previous version']").click()
    assert len(find_all(driver, "#log article")) == 4 and "library" in find(driver, "article.user").text
    # Thumbs are kept, and taken back.
    button(find_all(driver, "article.assistant")[0], "Good").click()
    pressed = "[data-thumb=good][aria-pressed=true]"
    wait(driver, lambda: find_all(driver, pressed), "the thumb was not kept")
    find(driver, pressed).click()
    wait(driver, lambda: not find_all(driver, pressed), "the thumb was not taken back")
    button(find_all(driver, "article.assistant")[0], "Bad").click()
    wait(driver, lambda: find_all(driver, "[data-thumb=bad][aria-pressed=true]"), "the thumb was not kept")
    # Whatever the tab forgets, it remembers this until it is closed.
    driver.refresh()
    wait(driver, lambda: len(find_all(driver, "#log article")) == 4, "the conversation is gone")
    # Every branch is a line of the export.
    lines = driver.execute_async_script(
        """const done = arguments[0], make = URL.createObjectURL;
        URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };
        document.getElementById("export").click();"""
    ).splitlines()
    assert len(lines) == 3, lines
    assert [m["role"] for m in json.loads(lines[0])["messages"]] == ["user", "assistant"] * 2
    # A long answer is stopped.
    driver.execute_script("""const field = document.querySelector('[name=max_tokens]'); field.value = '';
        document.querySelector('[name=temperature]').value = '2';""")
    find(driver, "#question").send_keys("Tell me everything." + Keys.ENTER)
    wait(driver, lambda: find(driver, "#stop").is_displayed() or find(driver, "#send").is_displayed(), "no answer")
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait(driver, lambda: find(driver, "#send").is_displayed(), "the answer did not stop")


def compare(driver, url):
    driver.get(url + "/compare")
    answered = lambda: find(driver, "#verdict").is_displayed()
    wait(driver, answered, "no answers to the first prompt")
    assert find(driver, "#prompt").text.endswith("Where is the mill?")
    text = find(driver, "#answers").text
    assert "model-" not in text, "the models have names"
    snapshot(driver, "compare")
    find(driver, "body").send_keys("1")
    wait(driver, lambda: "1 of 5" in find(driver, "#goal-text").text, "the choice was not kept")
    wait(driver, lambda: " by model-" in find(driver, "#last").text, "the names are not told afterwards")
    wait(driver, answered, "no answers to the second prompt")
    find(driver, "body").send_keys("u")
    wait(driver, lambda: "0 of 5" in find(driver, "#goal-text").text, "the choice was not taken back")
    assert find(driver, "#prompt").text.endswith("Where is the mill?")
    assert find(driver, "#answers").text == text, "the same answers are judged again"
    # The better one, edited, with a note.
    button(find_all(driver, "#answers article")[1], "Edit, if it is the better one").click()
    area = find_all(driver, "#answers textarea")[1]
    area.send_keys(" At the river.")
    find(driver, "#note").send_keys("It says where.")
    find(driver, "[data-choice=second]").click()
    wait(driver, lambda: "1 of 5" in find(driver, "#goal-text").text, "the choice was not kept")
    # Taken back, both are there again.
    wait(driver, answered, "no answers to the next prompt")
    find(driver, "body").send_keys("u")
    wait(driver, lambda: "0 of 5" in find(driver, "#goal-text").text, "the choice was not taken back")
    assert find(driver, "#note").get_attribute("value") == "It says where.", "the note is gone"
    assert find_all(driver, "#answers textarea")[1].get_attribute("value").endswith(" At the river."), "the edit is gone"
    find(driver, "[data-choice=second]").click()
    wait(driver, lambda: "1 of 5" in find(driver, "#goal-text").text, "the choice was not kept")
    for count, key in enumerate("34", 2):
        wait(driver, answered, "no answers to the next prompt")
        find(driver, "body").send_keys(key)
        wait(driver, lambda: f"{count} of 5" in find(driver, "#goal-text").text, "the choice was not kept")
    wait(driver, lambda: "nothing left" in find(driver, "#last").text, "the list does not end")
    # A question of one's own.
    find(driver, "summary").click()
    driver.execute_script(
        """const source = document.getElementById('source');
        source.value = 'own'; source.dispatchEvent(new Event('change'));"""
    )
    find(driver, "#question").send_keys("Who are you?" + Keys.ENTER)
    wait(driver, answered, "no answers to a question of one's own")
    find(driver, "[data-choice=first]").click()
    wait(driver, lambda: "4 of 5" in find(driver, "#goal-text").text, "the choice was not kept")


def second_rater(driver, url):
    """Somebody else judges what was judged, in the other order half of the time."""
    driver.get(url + "/compare")
    driver.execute_script("localStorage.setItem('rater', 'bob')")
    driver.get(url + "/compare")
    wait(driver, lambda: find(driver, "#verdict").is_displayed(), "no prompt for another person")
    driver.execute_script(
        """const source = document.getElementById('source');
        source.value = 'raters'; source.dispatchEvent(new Event('change'));"""
    )
    for _ in range(4):
        wait(driver, lambda: find(driver, "#verdict").is_displayed(), "nothing of other people")
        before = find(driver, "#goal-text").text
        find(driver, "[data-choice=both_bad]").click()
        wait(driver, lambda: find(driver, "#goal-text").text != before, "the choice was not kept")
    wait(driver, lambda: "nothing left" in find(driver, "#last").text, "the comparisons do not end")


def results(driver, url):
    driver.get(url + "/results")
    wait(driver, lambda: len(find_all(driver, "table")) >= 3, "no tables")
    text = find(driver, "main").text
    for words in ["9 comparisons, 1 thumb and 1 edit by 3 people", "Models, the strongest first", "Krippendorff", "most disputed"]:
        assert words in text, (words, text)
    snapshot(driver, "results")


# Replies that would be markup if anything let them, with each of the blocks that a page gives a form and buttons.
stub = f"""
window.hostile = {json.dumps(hostile)};
const real = window.fetch;
window.fetch = (path, options) => {{
  if (path !== "/v1/chat/completions") return real(path, options);
  const tokens = window.hostile.split(/(?= )/).map((token) =>
    ({{ token, logprob: -1, bytes: [...new TextEncoder().encode(token)] }}));
  for (const token of tokens) token.top_logprobs = [{{ ...token }}, {{ ...token, token: "<b>" }}];
  const chunk = JSON.stringify({{ choices: [{{ delta: {{ content: window.hostile }}, logprobs: {{ content: tokens }} }}] }});
  const whole = JSON.stringify({{ choices: [{{ message: {{ content: window.hostile }} }}] }});
  const streams = JSON.parse(options.body).stream;
  return Promise.resolve(new Response(streams ? `data: ${{chunk}}\\n\\ndata: [DONE]\\n\\n` : whole));
}};"""


def hostility(url):
    """Replies, questions and names that would be markup if anything let them."""
    with browser(script=stub) as driver:

        def check(where):
            driver.execute_async_script("setTimeout(arguments[0], 200)")
            assert driver.execute_script("return window.hacked") is None, where
            made = find_all(driver, "main img, main script, main iframe, main a, main style, main svg, main b")
            assert not made, (where, [e.get_attribute("outerHTML") for e in made])

        driver.get(url + "/")
        wait(driver, lambda: find_all(driver, "#model option"), "no models")
        say(driver, hostile.split("\n")[0])
        assert "onerror='window.hacked = 1'" in find(driver, "article.assistant").text
        assert find(driver, "article.assistant strong").text == "bold"
        assert "</code></pre><iframe" in find(driver, "article.assistant pre code").text
        check("chat")
        button(find(driver, "article.assistant"), "Doubt").click()
        find(driver, ".token").send_keys(Keys.ARROW_LEFT)
        assert "<img" in find(driver, "#doubt").text
        check("doubt")
        driver.execute_script("localStorage.setItem('rater', window.hostile.slice(0, 60))")
        driver.get(url + "/compare")
        wait(driver, lambda: find(driver, "#verdict").is_displayed(), "no answers")
        check("compare")
        driver.execute_script(
            """const names = [window.hostile, "<img src=x onerror='window.hacked = 6'>"];
            window.kept = false;
            fetch("/feedback/judgments", { method: "POST", body: JSON.stringify({ key: "hostile", rater: names[1],
              prompt: [{ role: "user", content: window.hostile }], choice: "first",
              answers: names.map((name) => ({ text: name, model: name.slice(0, 200) })) }) })
              .then((answer) => { window.kept = answer.ok; });"""
        )
        wait(driver, lambda: driver.execute_script("return window.kept"), "the hostile judgment was not kept")
        driver.get(url + "/results")
        wait(driver, lambda: len(find_all(driver, "table")) >= 3, "no tables")
        assert "<img src=x" in find(driver, "main").text
        check("results")
        # Were there a hole in a script, the browser itself would refuse markup and inline scripts.
        refused = driver.execute_script(
            """try { document.body.innerHTML = "<img src=x onerror='window.hacked = 7'>"; return false; }
            catch (error) { return error instanceof TypeError; }"""
        )
        assert refused, "markup can be made of text"


def long_conversation(driver, url):
    """A thousand messages: a key press is drawn within a tenth of a second."""
    driver.get(url + "/")
    driver.execute_script(
        """const nodes = [{ id: 0, parent: null, children: [1], shown: 0 }];
        for (let id = 1; id <= 1000; id += 1) nodes.push({ id, parent: id - 1, children: id < 1000 ? [id + 1] : [], shown: 0,
          role: id % 2 ? "user" : "assistant", model: "model-a", content: "Some **words** about `it`. ".repeat(20) });
        sessionStorage.setItem("conversation", JSON.stringify(nodes));"""
    )
    driver.refresh()
    wait(driver, lambda: len(find_all(driver, "#log article")) == 1000, "not all messages are there")
    say(driver, "And now?")
    slowest = driver.execute_async_script(
        """const done = arguments[0], times = [];
        const field = document.getElementById("question");
        const press = () => {
          const began = performance.now();
          field.value += "x";
          field.dispatchEvent(new InputEvent("input"));
          requestAnimationFrame(() => setTimeout(() => {
            times.push(performance.now() - began);
            if (times.length < 20) press(); else done(times.sort((a, b) => a - b)[10]);
          }));
        };
        press();"""
    )
    assert slowest < 100, f"a key press takes {slowest:.0f} ms in a conversation of a thousand messages"


def phone(url):
    with browser(390, 844, dark=True) as driver:
        for path in ["", "compare", "results"]:
            driver.get(f"{url}/{path}")
            driver.execute_async_script("setTimeout(arguments[0], 500)")
            width = driver.execute_script("return document.documentElement.scrollWidth")
            assert width <= 390, f"/{path} is {width} pixels wide on a phone"
            snapshot(driver, f"phone-{path or 'chat'}")
            background = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
            assert background == "rgb(20, 23, 26)", background


with tempfile.TemporaryDirectory() as folder:
    prompts = pathlib.Path(folder, "prompts.jsonl")
    questions = ["Where is the mill?", "Where is the school?", "What is the weather?"]
    prompts.write_text("".join(json.dumps({"prompt": [{"role": "user", "content": q}]}) + "\n" for q in questions))
    models = [f"model-a={model}", f"model-b={model}", "--prompts", prompts, "--goal", 5]
    with served(hone, *models, "--feedback", f"{folder}/choices.sqlite") as (_, url):
        with browser() as driver:
            chat(driver, url)
            compare(driver, url)
            second_rater(driver, url)
            said = complaints(driver)
            assert not said, said
            # The small model of the test refuses so long a conversation, which the page says.
            long_conversation(driver, url)
        hostility(url)
        with browser() as driver:
            results(driver, url)
        phone(url)
    # Once more with replies that hold everything a reply can hold: a model of the test rarely writes a block of code.
    with served(hone, *models, "--feedback", f"{folder}/others.sqlite") as (_, url), browser(script=stub) as driver:
        chat(driver, url)
        compare(driver, url)
print("the pages do what they say, in a real browser")
