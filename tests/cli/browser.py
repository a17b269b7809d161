"""Headless Chromium, driven through its DevTools protocol over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol: messages are JSON, each ended by a zero byte;
the browser reads them from descriptor 3 and writes to 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time

NAMES = ["chromium-headless-shell", "chromium", "google-chrome"]


def find():
    """The browser's path; None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page of one browser. `errors` holds what its console and its scripts complained about."""

    def __init__(self, program, profile, width=1280, height=900, seconds=60):
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()
        # Away from 3 and 4, which the browser's ends take.
        to_read, to_write = [self._high(descriptor) for descriptor in (to_read, to_write)]

        def place():
            os.dup2(to_read, 3)
            os.dup2(to_write, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}",
             f"--window-size={width},{height}", "about:blank"],
            preexec_fn=place, pass_fds=(3, 4), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.deadline = time.monotonic() + seconds
        self.rest, self.number, self.session = b"", 0, None
        self.errors, self.loaded, self.requests = [], 0, []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.send(domain + ".enable")

    @staticmethod
    def _high(descriptor):
        import fcntl
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
        os.close(descriptor)
        return moved

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        while b"\0" not in self.rest:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise TimeoutError("the browser did not answer")
            got = os.read(self.from_browser, 1 << 20)
            if not got:
                raise RuntimeError("the browser ended")
            self.rest += got
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def _heard(self, message):
        method, what = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(what["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(what["args"]))
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.errors.append(json.dumps(what["entry"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded += 1

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._heard(answer)

    def open(self, url):
        before = self.loaded
        self.send("Page.navigate", url="about:blank")
        while self.loaded == before:
            self._heard(self._read())
        before = self.loaded
        self.send("Page.navigate", url=url)
        while self.loaded == before:
            self._heard(self._read())

    def value(self, expression):
        """Of a JavaScript expression, as JSON."""
        done = self.send("Runtime.evaluate", expression=expression, returnByValue=True,
                         awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(json.dumps(done["exceptionDetails"]))
        return done["result"].get("value")

    def prefer(self, scheme):
        self.send("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def resize(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def drag(self, begin, end):
        """The left button, from one place of the window to another."""
        for kind, (x, y), buttons in [("mousePressed", begin, 1), ("mouseMoved", end, 1),
                                      ("mouseReleased", end, 0)]:
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                      buttons=buttons, clickCount=1)

    def key(self, name, text=None):
        code = {"Tab": 9, "Enter": 13, " ": 32}.get(name, 0)
        down = {"type": "keyDown", "key": name, "windowsVirtualKeyCode": code}
        if text:
            down["text"] = text
        self.send("Input.dispatchKeyEvent", **down)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    def screenshot(self, path, whole=False):
        done = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return self._save(path, done["data"])

    def pdf(self, path):
        return self._save(path, self.send("Page.printToPDF", printBackground=True)["data"])

    @staticmethod
    def _save(path, text):
        data = base64.b64decode(text)
        with open(path, "wb") as file:
            file.write(data)
        return data
