"""A report in a real browser: wide, on a phone, in the dark, printed, by keys, and as a screen reader has it.

Usage: report.py REPORT.HTML [FOLDER FOR SCREENSHOTS]
Needs selenium, and Debian's chromium and chromium-driver.
"""
import base64
import pathlib
import re
import sys

from browser import browser, find, find_all
from selenium.webdriver.common.keys import Keys

page = pathlib.Path(sys.argv[1]).resolve()
shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
mostPages = 12


def snapshot(driver, name):
    if not shots:
        return
    shots.mkdir(parents=True, exist_ok=True)
    size = driver.execute_script("return [innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    (shots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def too_wide(driver):
    """Elements that reach over the page's right edge, or must be scrolled sideways."""
    return driver.execute_script(
        """return [...document.querySelectorAll('main *')].filter(e => e.clientWidth && !e.closest('.unseen')
        && (e.getBoundingClientRect().right > innerWidth + 1
            || /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1))
        .map(e => `${e.tagName}.${e.className.baseVal ?? e.className}`)"""
    )


def contrast(driver, selector):
    """The least contrast of text with the page's background among elements."""
    return driver.execute_script(
        """const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        return Math.min(...[...document.querySelectorAll(arguments[0])].map(e => {
            const ink = light(getComputedStyle(e).color);
            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) }))""",
        selector,
    )


for width in [390, 1280]:
    for dark in [False, True]:
        with browser(width=width, dark=dark) as driver:
            driver.get(page.as_uri())
            assert not driver.get_log("browser"), driver.get_log("browser")
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width, width
            assert not too_wide(driver), (width, too_wide(driver))
            for selector in [".verdict", ".note", "td", "td small", ".legend"]:
                assert contrast(driver, selector) >= 4.5, (selector, dark, contrast(driver, selector))
            snapshot(driver, f"{width}-{'dark' if dark else 'light'}")

with browser() as driver:
    driver.get(page.as_uri())
    # By keys: the probabilities of each reply's tokens open, and are no text before.
    lists = find_all(driver, "details")
    assert lists and not any(find(item, ".odds").is_displayed() for item in lists)
    find(lists[0], "summary").send_keys(Keys.ENTER)
    assert find(lists[0], ".odds").is_displayed() and "%" in find(lists[0], ".odds").text

    # As a screen reader has it: no sentence is interrupted by figures, tables are tables, drawings have words.
    driver.refresh()
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    nodes = [node for node in nodes if not node.get("ignored")]
    said = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    roles = [role for role, _ in said]
    tables = find_all(driver, "table")
    assert roles.count("table") == len(tables) and roles.count("rowheader") >= len(tables)
    assert all(name for role, name in said if role in ("image", "link", "region", "table", "heading"))
    replies = " ".join(find(reply, ".said").get_attribute("textContent") for reply in find_all(driver, ".answer"))
    assert not re.search(r"\d\u202f%", replies), replies

    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(printed)))
    assert 0 < pages <= mostPages, f"printed on {pages} pages"
    if shots:
        (shots / "printed.pdf").write_bytes(base64.b64decode(printed))

print(f"{page.name}: read at two widths, in the dark, by keys and by ear, and printed on {pages} pages")
