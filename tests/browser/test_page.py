"""The page, in a real browser before a real server."""

import re

import pytest

from taskq import tasks
from taskq.handlers.shopify import SHOPIFY
from taskq.models import Ending, Status
from taskq.process import Process
from tests.conftest import HOODIE, STEPS

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"
DECLINE = Ending(Status.FAILED, "Checkout failed: declined", "declined", clears_intent=True)
LOST = Ending(Status.FAILED, "Checkout failed: no answer", "Needs review: no answer")

BEYOND = """() => [...document.querySelectorAll('body *')].filter(one => {
  const { width, left, right } = one.getBoundingClientRect();
  return width && !one.closest('.unseen, svg') && (left < -0.5 || right > innerWidth + 0.5);
}).map(one => one.outerHTML.slice(0, 80))"""
SIDEWAYS = """() => [...document.querySelectorAll('*')].filter(one =>
  one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX)
).map(one => one.outerHTML.slice(0, 80))"""
# Text on its background, as WCAG counts it: 4.5 is AA.
FAINT = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = colours => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => rgb.map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((all, part, index) => all + part * [0.2126, 0.7152, 0.0722][index], 0);
  const style = one => getComputedStyle(one);
  const behind = one => one ? [...behind(one.parentElement), style(one).backgroundColor] : [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  while (words.nextNode()) {
    const { data, parentElement: one } = words.currentNode;
    if (!data.trim() || !one.checkVisibility() || one.closest('.unseen, :disabled')) continue;
    const under = behind(one);
    const both = [paint(under), paint([...under, style(one).color])].map(light);
    if ((Math.max(...both) + 0.05) / (Math.min(...both) + 0.05) < 4.5) faint.push(data);
  }
  return faint;
}"""
CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "tab"),
    *("progressbar", "dialog", "image", "table", "tablist", "DisclosureTriangle"),
}


class Hands:
    """A worker's part, done by the test."""

    def __init__(self, store) -> None:
        self.store = store
        self.worker = store.enlist(Process.current(), 1, 9, [SHOPIFY.task_type])

    def submit(self, **params):
        given = {"product_url": f"https://kith.com/products/{HOODIE}", "size": "Medium"}
        wanted = SHOPIFY.parse(given | params)
        return tasks.submit(self.store, SHOPIFY, wanted, again=True).task

    def claim(self, task=None, **params):
        task = task or self.submit(**params)
        return self.store.claim(self.worker, {task.type: ()}, per_lane=99, only=task.id)

    def end(self, ending, **params):
        return self.store.end(self.claim(**params), ending)

    def pay(self, **params):
        task = self.claim(**params)
        self.store.intent(task, "Processing payment", {"shop": "kith.com"})
        return task


@pytest.fixture
def hands(store):
    return Hands(store)


@pytest.fixture
def looking_at(browser):
    """Do *act* with the page in a browser, which must say nothing in its console."""
    from playwright.async_api import expect

    expect.set_options(timeout=10_000)

    def look(served, act, path="/", width=1100, dark=False, quiet=True):
        said = []

        async def live(page):
            page.on("pageerror", lambda error: said.append(error.message))
            page.on("console", lambda message: said.append(message.text))
            await page.set_viewport_size({"width": width, "height": 800})
            await page.emulate_media(color_scheme="dark" if dark else "light")
            await page.goto(served.url + path)
            await act(page, expect)

        browser.live(live)
        assert not quiet or said == []

    return look


def test_an_order_given_by_keys_alone_is_followed_to_its_end(serve, shop, ada, ledger, looking_at):
    async def order(page, expect):
        await expect(page.locator("#connection")).to_have_text("Live")
        await page.evaluate("window.isTheSame = true")
        await page.keyboard.press("n")
        await expect(page.get_by_label("Product url")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Product url")).to_have_accessible_description(
            "The product's page Missing"
        )
        await page.keyboard.type(shop.product_url(HOODIE))
        await page.keyboard.press("Tab")
        await page.keyboard.type("Medium")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#order")).to_have_text(re.compile("Order #"), timeout=30_000)
        rows = page.locator("#lines tr")
        assert await rows.locator(".message").all_text_contents() == STEPS
        assert {await rows.nth(n).get_attribute("class") for n in range(8)} == {"done"}
        await expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
        await expect(page.get_by_role("img", name="Picture: order summary")).to_be_visible()
        assert await page.evaluate("document.images[0].decode().then(() => isTheSame)")
        await expect(page).to_have_title(re.compile("Completed · .* · taskq"))

    looking_at(serve("--work"), order, quiet=False)
    assert len(ledger.charges()) == 1


def test_every_step_is_seen_as_it_begins_and_the_percent_never_falls(
    serve, store, hands, looking_at
):
    task = hands.submit()

    async def watch(page, expect):
        await expect(page.locator("#notice")).to_have_text("Waiting for a worker to be free.")
        claimed, seen = hands.claim(task), []
        for message in STEPS[1:5]:
            store.step(claimed, message, planned=True)
            await expect(page.locator("tr.current .message")).to_have_text(message, timeout=1500)
            await expect(page.locator("[aria-current] .step")).to_have_text(message)
            seen.append(int((await page.locator("#percent").inner_text()).rstrip("%")))
        assert seen == sorted(seen)
        assert seen[-1] >= 40
        store.end(claimed, DECLINE)
        await expect(page.locator("#error")).to_have_text("declined")
        await page.keyboard.press("r")
        await page.get_by_role("button", name="Run it again").click()
        await expect(page.locator("#about")).to_contain_text("Waiting")
        again = hands.claim(task)
        await expect(page.locator("#about")).to_contain_text("attempt 2")
        await expect(page.locator("#earlier summary")).to_contain_text("Attempt 1: Checkout failed")
        store.step(again, "Opening product page", planned=True)
        await expect(page.locator("#said")).to_have_text("Opening product page")

    looking_at(serve(), watch, f"/?task={task.id}")


def test_what_is_done_on_the_page_is_done_or_refused_in_a_sentence(serve, store, hands, looking_at):
    waiting, paying = hands.submit(), hands.pay(size="S")
    bought, not_bought = (store.end(hands.pay(size=size), LOST) for size in ("M", "L"))

    async def act(page, expect):
        await expect(page.locator("#about")).to_contain_text("Waiting")
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Close").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert store.get(waiting.id).current_status == "pending"
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.locator("#about")).to_contain_text("Cancelled")
        await page.get_by_role("link", name=re.compile(paying.id)).click()
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.get_by_role("alert")).to_contain_text("payment in progress")
        await page.keyboard.press("Escape")
        await page.get_by_role("link", name=re.compile(bought.id)).click()
        await page.get_by_role("button", name="Resolve").click()
        await page.get_by_role("button", name="Record it").click()
        await page.get_by_label("It went through").check()
        await page.get_by_label("Its number").fill("77")
        await page.get_by_role("button", name="Record it").click()
        await expect(page.locator("#order")).to_have_text("Order #77")
        await page.get_by_role("link", name=re.compile(not_bought.id)).click()
        await expect(page.locator("#about")).to_contain_text("Needs review")
        await page.keyboard.press("r")
        await page.get_by_label("It did not").check()
        await page.get_by_label("Run it again").check()
        await page.get_by_role("button", name="Record and run it again").click()
        await expect(page.locator("#about")).to_contain_text("Waiting")

    looking_at(serve(), act, f"/?task={waiting.id}", quiet=False)
    ends = [store.get(task.id) for task in (waiting, bought, not_bought)]
    assert [str(task.outcome or task.current_status) for task in ends] == [
        "cancelled",
        "succeeded",
        "pending",
    ]


def test_the_list_is_searched_narrowed_walked_and_paged(serve, hands, looking_at):
    last = hands.submit(size="the last one")
    hands.end(DECLINE)
    for _ in range(54):
        hands.submit()

    async def walk(page, expect):
        rows, tab = page.locator("#list li"), page.get_by_role("tab", selected=True)
        await expect(rows).to_have_count(50)
        await page.get_by_role("button", name="More").click()
        await expect(rows).to_have_count(56)
        await page.get_by_role("tab", name="Failed 1").click()
        await expect(rows).to_have_count(1)
        await page.keyboard.press("ArrowLeft")
        await expect(tab).to_have_text("Completed 0")
        await expect(page.locator("#nothing")).to_have_text("Nothing found.")
        await page.get_by_role("tab", name="All 56").click()
        await expect(rows).to_have_count(50)
        newest = await rows.first.get_by_role("link").get_attribute("data-id")
        await page.keyboard.press("j")
        await expect(page.locator("#id")).to_have_text(newest)
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#id")).not_to_have_text(newest)
        await page.keyboard.press("/")
        await page.keyboard.type("LAST one")
        await expect(rows).to_have_count(1)
        await rows.first.get_by_role("link").click()
        await expect(page).to_have_url(re.compile(rf"/\?task={last.id}$"))
        await page.go_back()
        await expect(page.locator("#id")).not_to_have_text(last.id)
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)

    looking_at(serve(), walk)


def test_what_others_wrote_stays_text(serve, store, hands, looking_at):
    task = hands.claim(size=HOSTILE[:60], option={HOSTILE[:40]: "javascript:alert(1)"})
    store.step(task, HOSTILE)
    store.end(
        task,
        Ending(Status.FAILED, HOSTILE, HOSTILE, {"found": {HOSTILE: HOSTILE}, "order": HOSTILE}),
    )

    async def look(page, expect):
        await expect(page.locator("#error")).to_have_text(HOSTILE)
        await expect(page.locator("#order")).to_have_text(f"Order #{HOSTILE}")
        await expect(page.locator("#facts")).to_contain_text("javascript:alert(1)")
        await expect(page.locator("#lines")).to_contain_text(HOSTILE)
        assert await page.locator("img, body script, a[href^=javascript]").count() == 0
        await expect(page).to_have_title(f"Failed · {task.id} · taskq")

    looking_at(serve(), look, f"/?task={task.id}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_every_screen_and_can_be_read_there_and_named(
    serve, store, hands, looking_at, dark
):
    task = hands.claim(size="x" * 60)
    store.step(task, "y" * 300)
    hands.end(DECLINE)
    served = serve()

    async def fits(page, expect):
        await expect(page.locator("#list li").first).to_be_attached()
        for width in (1440, 1100, 800, 390, 320):
            await page.set_viewport_size({"width": width, "height": 800})
            for beyond in (BEYOND, SIDEWAYS):
                assert await page.evaluate(beyond) == [], width
            assert await page.evaluate("document.documentElement.scrollHeight") == 800, width
        assert await page.evaluate(FAINT) == []
        tree = await page.context.new_cdp_session(page)
        nodes = (await tree.send("Accessibility.getFullAXTree"))["nodes"]
        controls = [node for node in nodes if node.get("role", {}).get("value") in CONTROLS]
        assert controls
        assert [node for node in controls if not node.get("name", {}).get("value")] == []

    async def look(page, expect):
        await fits(page, expect)
        await page.get_by_role("link", name=re.compile(task.id)).click()
        await expect(page.locator("#task")).to_be_visible()
        await expect(page.locator("#list")).to_be_hidden()
        await fits(page, expect)
        await page.get_by_role("link", name="Tasks", exact=True).click()
        await expect(page.locator("#list")).to_be_visible()
        await page.locator("#beats").click()
        await expect(page.locator("#crew")).to_contain_text(task.id)
        await fits(page, expect)
        await page.keyboard.press("Escape")
        await page.keyboard.press("n")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await fits(page, expect)

    looking_at(served, look, width=320, dark=dark)


def test_it_says_that_the_server_is_gone_and_goes_on_when_it_is_back(
    serve, store, hands, looking_at
):
    task = hands.claim()
    served = serve()

    async def look(page, expect):
        connection = page.locator("#connection")
        await expect(connection).to_have_text("Live")
        await page.evaluate("window.isTheSame = true")
        served.close()
        await expect(connection).to_have_text("No answer, trying again")
        store.step(task, "Opening product page", planned=True)
        serve("--port", served.url.rpartition(":")[2])
        await expect(connection).to_have_text("Live")
        await expect(page.locator("tr.current .message")).to_have_text("Opening product page")
        store.step(task, "Selecting size: Medium", planned=True)
        await expect(page.locator("tr.current .message")).to_have_text("Selecting size: Medium")
        assert await page.evaluate("isTheSame")

    looking_at(served, look, f"/?task={task.id}", quiet=False)


def test_without_a_stream_it_looks_every_two_seconds(serve, store, hands, looking_at):
    task = hands.claim()
    served = serve()

    async def look(page, expect):
        await page.route(re.compile("/events"), lambda route: route.abort())
        await page.reload()
        await expect(page.locator("#connection")).to_have_text("Polling")
        store.step(task, "Opening product page", planned=True)
        await expect(page.locator("tr.current .message")).to_have_text("Opening product page")
        store.end(task, Ending(Status.COMPLETED, "Order placed successfully"))
        await expect(page.locator("#about")).to_contain_text("Completed")

    looking_at(served, look, f"/?task={task.id}", quiet=False)


def test_an_answer_that_is_lost_makes_no_second_task(serve, store, looking_at):
    lost = []

    async def lose(route):
        lost.append(await route.fetch())
        await route.abort()

    async def order(page, expect):
        await page.route(re.compile("/tasks/shopify_order"), lose, times=1)
        await page.keyboard.press("n")
        await page.get_by_label("Product url").fill("https://kith.com/products/x")
        await page.keyboard.press("Enter")
        await expect(page.locator("#submit-error")).to_contain_text("It may have arrived")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("n")
        await expect(page.get_by_label("Product url")).to_be_focused()
        await expect(page.get_by_label("Product url")).to_have_value("https://kith.com/products/x")
        await page.keyboard.press("Enter")
        await expect(page.locator("#about")).to_contain_text("Waiting")

    looking_at(serve(), order, quiet=False)
    assert len(lost) == len(store.list()) == 1


def test_a_key_right_after_a_dialog_closed_is_heard(serve, looking_at):
    async def press_at_once(page, expect):
        await page.keyboard.press("n")
        await expect(page.get_by_label("Product url")).to_be_focused()
        await page.evaluate("""() => {
            document.querySelector("#submit").close();
            const key = new KeyboardEvent("keydown", {key: "n", bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(key);
        }""")
        await expect(page.get_by_role("dialog")).to_be_visible()

    looking_at(serve(), press_at_once)


def test_as_many_windows_as_one_has_are_live_and_can_act(serve, hands, looking_at):
    task = hands.submit()

    async def look(page, expect):
        windows = [page, *[await page.context.new_page() for _ in range(4)]]
        for window in windows[1:]:
            await window.goto(page.url)
        for window in windows:
            await expect(window.locator("#connection")).to_have_text("Live")
            await expect(window.locator("#about")).to_contain_text("Waiting")
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Cancel it").click()
        for window in windows:
            await expect(window.locator("#about")).to_contain_text("Cancelled")

    looking_at(serve(), look, f"/?task={task.id}")
