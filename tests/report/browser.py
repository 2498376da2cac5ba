#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""browser.py CHROMIUM PAGE: opens a report in a headless Chromium and uses it: prints a line for each test."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

FAILED = []


def test(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - report: {name}")
    if not good:
        FAILED.append(name)
        print(f"  | {why}")


class Browser:
    """The DevTools protocol over a pair of pipes: JSON texts that end in NUL."""

    def __init__(self, program, folder):
        read_out, self.out = os.pipe()
        self.into, write_into = os.pipe()

        def wire():
            os.dup2(read_out, 3)
            os.dup2(write_into, 4)

        # Its descriptors 3 and 4 may be ours: they are moved out of the way first.
        read_out, write_into = os.dup(os.dup(read_out)), os.dup(os.dup(write_into))
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             f"--user-data-dir={folder}", "about:blank"],
            preexec_fn=wire, pass_fds=(3, 4), start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_out)
        os.close(write_into)
        self.number, self.session, self.rest, self.events = 0, None, b"", []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.rest:
            piece = os.read(self.into, 1 << 16)
            if not piece:
                raise EOFError("the browser has ended")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def complaints(self):
        said = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                said.append(parameters["exceptionDetails"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                said.append(str(parameters["args"]))
            elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                said.append(parameters["entry"]["text"])
        return said

    def requests(self):
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]


def use(browser, page):
    browser.call("Page.navigate", url=page.as_uri())
    browser.wait("Page.loadEventFired")
    test("no message on the console", not browser.complaints(), browser.complaints())
    others = [url for url in browser.requests() if not url.startswith(("file:", "data:"))]
    test("asks no network", not others, others)
    test("no value is run", browser.run("window.run === undefined && document.querySelectorAll('main script, main img, "
                                        "main iframe').length === 0"))
    test("hostile values are shown", browser.run(
        "document.getElementById('hosts-table').textContent.includes('<script>window.run=1</script>')"))
    heads = "Array.from(document.getElementById('hosts-table').tHead.rows[0].cells)"
    column = "Array.from(document.getElementById('hosts-table').tBodies[0].rows).map(r => r.cells[%d].textContent)"
    numbers = "Array.from(document.getElementById('hosts-table').tBodies[0].rows).map(r => +r.cells[1].dataset.v)"
    counts = browser.run(numbers)
    test("rows come with the most first", counts == sorted(counts, reverse=True) and len(counts) > 3, counts)
    browser.run(f"{heads}[1].querySelector('button').click()")
    counts = browser.run(numbers)
    test("a click sorts the other way", counts == sorted(counts) and
         browser.run(f"{heads}[1].getAttribute('aria-sort')") == "ascending", counts)
    browser.run(f"{heads}[0].querySelector('button').click()")
    names = browser.run(column % 0)
    sorted_names = browser.run(f"({column % 0}).map(n => n.toLowerCase()).sort((a, b) => a.localeCompare(b, 'en', "
                               "{numeric: true}))")
    test("a click sorts by name", [name.lower() for name in names] == sorted_names, names)
    browser.run("const box = document.querySelector('[data-table=hosts-table] input'); box.value = 'SHOP.example';"
                "box.dispatchEvent(new Event('input'))")
    shown = browser.run("Array.from(document.getElementById('hosts-table').tBodies[0].rows).filter(r => !r.hidden)"
                        ".map(r => r.cells[0].textContent)")
    test("a filter leaves the rows that have the text", shown == ["shop.example"], shown)
    browser.run("window.saved = null; URL.createObjectURL = b => { window.saved = b; return 'data:,' };"
                "HTMLAnchorElement.prototype.click = function () { window.name_of = this.download };"
                "document.querySelector('[data-table=hosts-table] button').click()")
    csv = browser.run("window.saved.text()")
    test("CSV has what is shown, numbers whole, and the command",
         csv.startswith("host,requests,clients,packets\nshop.example,") and "ipfixtool extract" in csv
         and browser.run("window.name_of") == "hosts-table.csv", csv)
    test("every row has a command", browser.run(
        "Array.from(document.querySelectorAll('section table[id] tbody tr')).every("
        "r => r.querySelector('.command code').textContent.startsWith('ipfixtool extract -f '))"))
    test("every bar has its value", browser.run(
        "document.querySelectorAll('.chart g').length > 0 && "
        "Array.from(document.querySelectorAll('.chart g')).every(g => /: [0-9]+/.test(g.querySelector('title').textContent))"))
    test("headings, labels and captions are there for a screen reader", browser.run(
        "document.querySelectorAll('h1').length === 1 && "
        "Array.from(document.querySelectorAll('th')).every(t => t.scope === 'col') && "
        "Array.from(document.querySelectorAll('input')).every(i => i.labels.length === 1) && "
        "Array.from(document.querySelectorAll('.scroll[tabindex]')).every(r => r.getAttribute('aria-label'))"))
    schemes(browser)


def schemes(browser):
    """Light and dark, at a desk and on a phone: nothing sticks out, and text can be told from its ground."""
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for device, width in (("desk", 1200), ("phone", 360)):
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
            wide = browser.run("document.documentElement.scrollWidth")
            test(f"fits: {scheme}, {device}", wide <= width, f"{wide} of {width}")
            folder = os.environ.get("SCREENSHOTS")
            if folder:
                picture = browser.call("Page.captureScreenshot", captureBeyondViewport=False)["data"]
                pathlib.Path(folder, f"report-{scheme}-{device}.png").write_bytes(base64.b64decode(picture))
        test(f"contrast: {scheme}", browser.run(CONTRAST) >= 4.5, browser.run(CONTRAST))
    browser.call("Emulation.setEmulatedMedia", media="print")
    test("in print the controls are gone", browser.run(
        "getComputedStyle(document.querySelector('.tools')).display === 'none' && "
        "getComputedStyle(document.querySelector('nav')).display === 'none'"))


# The least contrast of any text with the ground of the page or of a panel (WCAG 2.1 1.4.3).
CONTRAST = """(() => {
  const light = (text) => {
    const parts = text.match(/[0-9.]+/g).slice(0, 3).map((p) => p / 255).map(
      (p) => p <= 0.03928 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  let least = 21;
  const grounds = [getComputedStyle(document.body).backgroundColor,
                   getComputedStyle(document.querySelector(".tiles li")).backgroundColor];
  for (const one of document.querySelectorAll("p, a, td, th, summary, dt, .soft, .bad, caption")) {
    for (const ground of grounds) {
      const pair = [light(getComputedStyle(one).color), light(ground)].sort((a, b) => b - a);
      least = Math.min(least, (pair[0] + 0.05) / (pair[1] + 0.05));
    }
  }
  return least;
})()"""


def main():
    page = pathlib.Path(sys.argv[2]).resolve()
    # Processes of the browser may write to its folder for a moment after the end of the first.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(sys.argv[1], folder)
        try:
            use(browser, page)
        finally:
            os.killpg(browser.process.pid, signal.SIGKILL)
            browser.process.wait()
    return 1 if FAILED else 0


sys.exit(main())
