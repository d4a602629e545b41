"""A server of hone with its pages in a headless Chromium, for the scripts beside this one."""
import contextlib
import re
import subprocess

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


@contextlib.contextmanager
def served(hone, *arguments):
    """Runs `hone serve`, and gives its process and its address."""
    process = subprocess.Popen(
        [hone, "serve", *map(str, arguments), "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.match(r"serving .* at (http://\S+)", line):
                yield process, found[1]
                return
        raise SystemExit("".join(said))
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


@contextlib.contextmanager
def browser(width=1280, height=900, dark=False, script=None):
    """A window of a size in pixels; `script` runs in each page before the page's own."""
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    if script:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        yield driver
    finally:
        driver.quit()


def find(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector)


def find_all(driver, selector):
    return driver.find_elements(By.CSS_SELECTOR, selector)


def wait(driver, condition, what, seconds=60):
    """Waits until a condition holds; `what` says what did not happen otherwise."""
    WebDriverWait(driver, seconds, poll_frequency=0.02).until(lambda _: condition(), what)


def button(within, label):
    """The button that reads a label."""
    return next(b for b in find_all(within, "button") if b.text == label)
