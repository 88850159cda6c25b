"""A real Chromium, driven over its DevTools protocol as people do: by what they see, with mouse and keys."""
import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket
from kit import chromium
from kit.paths import CACHE

START_SECONDS = 60
WAIT_SECONDS = 40
CALL_SECONDS = 60
SHOTS = CACHE / 'screenshots'
OPTIONS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
           '--disable-extensions', '--disable-background-networking', '--remote-debugging-port=0',
           '--remote-allow-origins=*', '--force-device-scale-factor=1', '--lang=en-US')
KEYS = {'Enter': 13, 'Escape': 27, 'Tab': 9, 'ArrowDown': 40, 'ArrowUp': 38, 'ArrowLeft': 37, 'ArrowRight': 39}
# What is on the screen: it has a size and nothing hides it. Of those that have a text, the innermost.
FIND = """
(selector, text, root = document) => {
    const shown = [...root.querySelectorAll(selector)].filter((el) => el.checkVisibility({visibilityProperty: true})
        && el.getClientRects().length);
    if (text === null) {
        return shown[0] || null;
    }
    const words = (el) => (el.innerText || el.value || el.getAttribute('aria-label') || el.title || '').trim();
    const exact = shown.filter((el) => words(el) === text);
    const some = exact.length ? exact : shown.filter((el) => words(el).includes(text));
    return some.find((el) => !some.some((other) => other !== el && el.contains(other))) || null;
}
"""


class Missing(AssertionError):
    """Something did not come onto the screen."""


class Browser:
    """One Chromium; each :meth:`open` is another person with cookies of their own."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix='fluxforce-chromium-')
        command = [chromium.find(), *OPTIONS, f'--user-data-dir={self._folder}', 'about:blank']
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = websocket.create_connection(
            self._address(), timeout=CALL_SECONDS, suppress_origin=True, http_no_proxy=['*'])
        self._number = 0
        self.pages = []

    def _address(self):
        """:return: where the protocol is spoken; Chromium writes it into its folder."""
        file = Path(self._folder, 'DevToolsActivePort')
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError):
                port, path = file.read_text().split()
                return f'ws://127.0.0.1:{port}{path}'
            time.sleep(0.1)
        raise Missing('Chromium does not start.')

    def call(self, method, session=None, **params):
        """:return: the answer to one command of the protocol; what happens meanwhile is not looked at."""
        self._number += 1
        message = {'id': self._number, 'method': method, 'params': params}
        self._socket.send(json.dumps({**message, **({'sessionId': session} if session else {})}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get('id') == self._number:
                if 'error' in answer:
                    raise Missing(f'{method}: {answer["error"]["message"]}')
                return answer['result']

    def open(self, name, width=1366, height=900):
        """:return: an empty :class:`Page` of somebody who is not logged in; ``name`` is that of its screenshots."""
        context = self.call('Target.createBrowserContext')['browserContextId']
        target = self.call('Target.createTarget', url='about:blank', browserContextId=context, width=width,
                           height=height)['targetId']
        session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        page = Page(self, session, name)
        page.resize(width, height)
        page.call('Emulation.setFocusEmulationEnabled', enabled=True)  # several people at once: each is at their window
        self.pages.append(page)
        return page

    def shoot(self, mark):
        """Keep what everybody sees, for whoever looks into a failure. :return: the files"""
        return [page.shoot(mark) for page in self.pages]

    def close(self):
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Page:
    """What one person sees. Things are named by a CSS selector and the words on them."""

    def __init__(self, browser, session, name):
        self._browser, self._session, self.name = browser, session, name

    def call(self, method, **params):
        return self._browser.call(method, self._session, **params)

    def resize(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def js(self, expression):
        """:return: what an expression gives; a promise is waited for."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise Missing(answer['exceptionDetails'].get('exception', {}).get('description', expression))
        return answer['result'].get('value')

    # --- Going somewhere ----------------------------------------------------------------------------------------------

    def log_in(self, url, person):
        """:param person: anything with ``login`` and ``password``"""
        self.goto(f'{url}/web/login')
        self.fill('input[name=login]', person.login)
        self.fill('input[name=password]', person.password)
        self.press('Enter')
        self.wait('.o_main_navbar')

    def goto(self, url):
        self.call('Page.navigate', url=url)
        self.until(lambda: self.js('document.readyState') == 'complete', f'{url} does not open')

    def reload(self):
        self.call('Page.reload')
        self.until(lambda: self.js('document.readyState') == 'complete', 'the page does not open anew')

    # --- Looking ------------------------------------------------------------------------------------------------------

    def until(self, condition, what, seconds=WAIT_SECONDS):
        """:return: what the condition gave when it held."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(Missing):  # the page is being changed
                found = condition()
                if found:
                    return found
            if time.monotonic() > end:
                raise Missing(f'{self.name}: {what}. On the screen: {self.shoot("missing")}')
            time.sleep(0.1)

    def sees(self, selector, text=None):
        """:return: whether something is on the screen."""
        return self.js(f'!!({FIND})({json.dumps(selector)}, {json.dumps(text)})')

    def wait(self, selector, text=None, seconds=WAIT_SECONDS):
        self.until(lambda: self.sees(selector, text), f'there is no {selector} {text or ""}'.rstrip(), seconds)

    def wait_gone(self, selector, text=None, seconds=WAIT_SECONDS):
        self.until(lambda: not self.sees(selector, text), f'{selector} {text or ""} stays'.rstrip(), seconds)

    def text(self, selector, text=None):
        """:return: the words on something, or in a field of a form."""
        self.wait(selector, text)
        found = f'({FIND})({json.dumps(selector)}, {json.dumps(text)})'
        return self.js(f'((el) => el.value ?? el.innerText)({found})').strip()

    def texts(self, selector):
        """:return: the words on all of them"""
        return self.js(f'[...document.querySelectorAll({json.dumps(selector)})].map((el) => el.innerText.trim())')

    def shoot(self, mark):
        """:return: path of a picture of what is seen"""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f'{self.name}-{mark}.png'
        path.write_bytes(base64.b64decode(self.call('Page.captureScreenshot', format='png')['data']))
        return path

    # --- Doing --------------------------------------------------------------------------------------------------------

    def click(self, selector, text=None, inside=None):
        """Click with the mouse, once the thing is there and nothing lies over it.

        :param str inside: selector of what is to be clicked within the thing that has the text.
        """
        x, y = self.until(lambda: self._spot(selector, text, inside),
                          f'there is no {selector} {text or ""} to click'.replace('  ', ' '))
        self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def _spot(self, selector, text, inside):
        """:return: the middle of something, in pixels; nothing while it moves or something else lies over it."""
        return self.js(f"""(async () => {{
            let el = ({FIND})({json.dumps(selector)}, {json.dumps(text)});
            el = el && {json.dumps(inside)} ? el.querySelector({json.dumps(inside)}) : el;
            if (!el || el.disabled) return null;
            el.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}});
            const before = el.getBoundingClientRect();
            await new Promise((done) => setTimeout(done, 80));
            const box = el.getBoundingClientRect();
            if (!el.isConnected || box.x !== before.x || box.y !== before.y) return null;
            const spot = [box.x + box.width / 2, box.y + box.height / 2];
            const top = document.elementFromPoint(...spot);
            return top && (el.contains(top) || top.contains(el)) ? spot : null;
        }})()""")

    def fill(self, selector, value, text=None):
        """Click into a field and write something instead of what is there."""
        self.click(selector, text)
        self.js('document.activeElement.select?.()')
        self.call('Input.insertText', text=value)

    def press(self, key, modifiers=0):
        """Press a key: a letter, or a name of :data:`KEYS`."""
        code = KEYS.get(key) or ord(key.upper())
        text = '\r' if key == 'Enter' else key if len(key) == 1 else ''
        common = {'key': key, 'windowsVirtualKeyCode': code, 'modifiers': modifiers}
        self.call('Input.dispatchKeyEvent', type='keyDown' if text else 'rawKeyDown', **common,
                  **({'text': text} if text else {}))
        self.call('Input.dispatchKeyEvent', type='keyUp', **common)
