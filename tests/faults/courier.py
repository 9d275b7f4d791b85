"""A task type that pays without a browser: for faults by the hundred.

Its till is the test's own server (till.py). Like a real handler it says what it does before it
does it, acts right after the intent, and looks for the charge only by reading.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any

from pydantic import BaseModel

from taskq import Declined, Handler, Run, Step, TaskFailed, register


class Parcel(BaseModel):
    """What is to be delivered, and the port of the till that is paid."""

    item: str
    till: int
    pause: float = 0.02


BEFORE = (
    Step("Packing {item}"),
    Step("Weighing it"),
    Step("Writing the label"),
    Step("Asking the price"),
    Step("Carrying it to the counter"),
)
PAY = Step("Paying", once=True)
DELIVERED = Step("Delivered", 0, otherwise="Delivery failed: {error}")


async def deliver(run: Run[Parcel]) -> dict[str, Any]:
    """Deliver one parcel; at most one payment, whatever happens."""
    for step in BEFORE:
        await run.step(step)
        await asyncio.sleep(run.params.pause)
    await run.step(PAY, shop=f"127.0.0.1:{run.params.till}", product=run.params.item)
    run.must_act_now()
    status, answer = await asyncio.to_thread(_ask, run.params, "POST")
    if status == http.HTTPStatus.PAYMENT_REQUIRED:
        raise Declined("the till declined it")
    if status != http.HTTPStatus.OK:
        raise TaskFailed(f"the till answered {status}")
    return {"order": answer["order"]}


async def find(run: Run[Parcel]) -> dict[str, Any] | None:
    """Look whether the till has charged for it."""
    status, answer = await asyncio.to_thread(_ask, run.params, "GET")
    return {"order": answer["order"]} if status == http.HTTPStatus.OK else None


def _ask(parcel: Parcel, method: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", parcel.till, timeout=2)
    try:
        connection.request(method, f"/{parcel.item}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "{}")
    finally:
        connection.close()


register(
    Handler(
        task_type="parcel",
        params=Parcel,
        plan=(*BEFORE, PAY, DELIVERED),
        run=deliver,
        verify=find,
        identity=lambda parcel: parcel.item,
    )
)


class Nothing(BaseModel):
    """Nothing to be done, a certain number of times."""

    number: int


async def do_nothing(_: Run[Nothing]) -> None:
    """Do nothing."""


register(Handler(task_type="nothing", params=Nothing, run=do_nothing))
