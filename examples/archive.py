"""A task type of your own: save a web page and its picture.

taskq work --id 1 --import examples/archive.py
taskq submit --import examples/archive.py archive --url https://example.com
"""

from typing import Annotated

from pydantic import BaseModel, HttpUrl

from taskq import Handler, Option, Run, Step, register

OPEN = Step("Opening {url}", usually=2)
SAVE = Step("Saving the page", usually=1)
SAVED = Step("Page saved", usually=0)


class Archive(BaseModel):
    """The page to keep."""

    url: Annotated[HttpUrl, Option("--url")]


async def archive(run: Run[Archive]) -> dict[str, str]:
    """Open the page, keep its HTML and its picture."""
    await run.step(OPEN)
    await run.page.goto(str(run.params.url))
    await run.step(SAVE)
    run.left_behind("page", run.folder.write("page.html", (await run.page.content()).encode()))
    run.left_behind("picture", run.folder.write("page.png", await run.page.screenshot()))
    return {"title": await run.page.title()}


register(
    Handler(
        task_type="archive",
        params=Archive,
        plan=(OPEN, SAVE, SAVED),
        run=archive,
        needs=frozenset({"page"}),
    )
)
