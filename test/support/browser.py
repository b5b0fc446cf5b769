"""A page in a real browser: browser.py CHROMIUM URL STEP...

  wait EXPRESSION     until it is true in the page
  click SELECTOR      with the mouse, in the middle of the first element that is meant
  type TEXT           by the keyboard, a key after the other, to what has the focus
  press KEY           one that writes nothing, such as Enter
  show EXPRESSION     prints what it is, as text
  picture FILE        of what is seen, as PNG

It is driven as its own developer tools drive it, over a pipe: that needs no package.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

# A busy machine takes long; what hangs takes for ever.
LIMIT = 120
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40}


class Browser:
    def __init__(self, chromium, folder):
        asked, self._out = os.pipe()
        self._in, answers = os.pipe()
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000"]
        words += [f"--user-data-dir={folder}", "--remote-debugging-pipe"]
        # It reads descriptor 3 and writes 4, whatever has those numbers here.
        command = f'exec 3<&{asked} 4>&{answers}; exec "$0" "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", command, chromium, *words],
            pass_fds=[asked, answers],
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(answers)
        self._count, self._read, self._session = 0, b"", None

    def ask(self, method, **params):
        """What comes of a command of the developer tools' protocol."""
        self._count += 1
        said = {"id": self._count, "method": method, "params": params}
        if self._session:
            said["sessionId"] = self._session
        os.write(self._out, json.dumps(said).encode() + b"\0")
        while (told := self._next()).get("id") != self._count:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        return told["result"]

    def _next(self):
        while b"\0" not in self._read:
            more = os.read(self._in, 1 << 16)
            if not more:
                raise RuntimeError("the browser has ended")
            self._read += more
        text, self._read = self._read.split(b"\0", 1)
        return json.loads(text)

    def open(self, url):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")
        self.ask("Page.navigate", url=url)

    def show(self, expression):
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(f"{expression}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def wait(self, expression):
        deadline = time.monotonic() + LIMIT
        # What it looks for may not be there yet.
        asked = f"(() => {{ try {{ return !!({expression}); }} catch {{ return false; }} }})()"
        while not self.show(asked):
            if time.monotonic() > deadline:
                raise RuntimeError(f"it did not come to {expression}: {self.show(TEXT)}")
            time.sleep(0.05)

    def click(self, selector):
        place = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{place}.getClientRects().length")  # it is seen
        box = self.show(
            f"(() => {{ const e = {place}; e.scrollIntoView({{block: 'nearest'}});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            at = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
            self.ask("Input.dispatchMouseEvent", type=kind, **at)

    def type(self, text):
        for each in text:
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=each, key=each)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=each)

    def press(self, key):
        given = {"key": key, "windowsVirtualKeyCode": KEYS[key]}
        written = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **given, **written)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **given)

    def picture(self, path):
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


TEXT = "document.body.innerText"


def main(chromium, url, *steps):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(chromium, folder)
        try:
            browser.open(url)
            for each in steps:
                step, _, what = each.partition(" ")
                told = getattr(browser, step)(what)
                if step == "show":
                    print(told, flush=True)
        finally:
            browser.process.kill()
            browser.process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
