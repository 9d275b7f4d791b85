"""Other queues on Postgres doing the same, each as its documentation says, where it is installed.

Each has its own claim and its own end, durable both. Between them are six entries: of a queue
without progress these are updates of a table beside it, by psycopg, as in contestants.ByHand.
"""

import asyncio
import importlib.util
import os

import psycopg
from contestants import ENTRIES, ENTRY, ByHand

APPEND = f"update tasks set result_data = {ENTRY} where id = %(id)s"


def installed():
    """Those that are here, and the names of the others."""
    peers = [Procrastinate(), PgQueuer(), Dbos()]
    there = [peer for peer in peers if importlib.util.find_spec(peer.name)]
    return there, [peer.name for peer in peers if peer not in there]


class Queue:
    """A queue with a table beside it, for the progress that it does not keep."""

    def make(self, url):
        ByHand(every_commit_durable=True).make(url)

    def fill(self, connection, many):
        ByHand(every_commit_durable=True).fill(connection, many)

    def work(self, url, done):
        asyncio.run(self._work(url, done))

    @staticmethod
    async def _beside(url):
        """What writes the six entries of the task with this number."""
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)

        async def say(number):
            for entry in ENTRIES:
                await connection.execute(APPEND, {"id": f"bench-{number}", "message": entry})

        return say


class Procrastinate(Queue):
    """One worker, one job at a time."""

    name = "procrastinate"

    def make(self, url):
        from procrastinate import App, SyncPsycopgConnector

        super().make(url)
        with App(connector=SyncPsycopgConnector(conninfo=url)).open() as app:
            app.schema_manager.apply_schema()

    def fill(self, connection, many):
        super().fill(connection, many)
        connection.execute("truncate procrastinate_jobs cascade")
        connection.execute(
            f"""insert into procrastinate_jobs (queue_name, task_name, args)
            select 'default', 'order', jsonb_build_object('number', n)
            from generate_series(1, {many}) n"""
        )

    async def _work(self, url, done):
        from procrastinate import App, PsycopgConnector

        app = App(connector=PsycopgConnector(conninfo=url))
        say = await self._beside(url)

        @app.task(name="order")
        async def _order(number):
            await say(number)
            done()

        async with app.open_async():
            await app.run_worker_async(concurrency=1, install_signal_handlers=False)


class PgQueuer(Queue):
    """One worker; it claims ten jobs at once, does them side by side, and writes ends in bulk."""

    name = "pgqueuer"

    def make(self, url):
        super().make(url)
        asyncio.run(self._make(url))

    async def _make(self, url):
        from pgqueuer.db import PsycopgDriver
        from pgqueuer.queries import Queries

        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        await Queries(PsycopgDriver(connection)).install()
        await connection.close()

    def fill(self, connection, many):
        super().fill(connection, many)
        schema = connection.execute(
            "select schemaname from pg_tables where tablename = 'pgqueuer'"
        ).fetchone()[0]
        connection.execute(f"truncate {schema}.pgqueuer")
        connection.execute(
            f"""insert into {schema}.pgqueuer (priority, status, entrypoint, payload)
            select 0, 'queued', 'order', convert_to(n::text, 'utf8')
            from generate_series(1, {many}) n"""
        )

    async def _work(self, url, done):
        from pgqueuer import PgQueuer as Worker
        from pgqueuer.db import PsycopgDriver

        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        worker = Worker(PsycopgDriver(connection))
        say = await self._beside(url)

        @worker.entrypoint("order")
        async def _order(job):
            await say(int(job.payload))
            done()

        await worker.run()


class Dbos(Queue):
    """A workflow of six steps, called and not queued: so nothing is claimed."""

    name = "dbos"

    def make(self, url):
        self._launched(url).destroy()

    def fill(self, connection, many):
        """It is called: nothing waits."""

    def work(self, url, done):
        dbos = self._launched(url)

        @dbos.step()
        def say(entry):
            return entry

        @dbos.workflow()
        def order():
            for entry in ENTRIES:
                say(entry)

        while True:
            order()
            done()

    @staticmethod
    def _launched(url):
        from dbos import DBOS

        DBOS(
            config={
                "name": "bench",
                "system_database_url": url,
                "executor_id": str(os.getpid()),
                "log_level": "ERROR",
            }
        )
        DBOS.launch()
        return DBOS
