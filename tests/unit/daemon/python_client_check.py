# SPDX-License-Identifier: LGPL-2.1-or-later
"""python_client_check.py SOCKET KERNEL: docs/examples/pvhd_client.py with a pvhd over a model of Xen."""

import sys
import unittest

from pvhd_client import Pvhd, PvhdError

SOCKET, KERNEL = sys.argv[1:3]


def config(name):
    return f'name = "{name}"\ntype = "pvh"\nkernel = "{KERNEL}"\nmemory = 64\n'


class Client(unittest.TestCase):
    def setUp(self):
        self.pvhd = Pvhd(SOCKET)
        self.addCleanup(self.pvhd.close)

    def test_an_error_is_an_exception(self):
        with self.assertRaises(PvhdError) as caught:
            self.pvhd.call("domain.get", name="nobody")
        self.assertEqual((caught.exception.code, caught.exception.number), ("not_found", -32001))
        self.assertIn("nobody", str(caught.exception))
        self.assertFalse(caught.exception.retryable)

    def test_an_error_may_have_a_hint(self):
        with self.assertRaises(PvhdError) as caught:
            self.pvhd.call("job.get", job="none")
        self.assertIn("pvhctl jobs", caught.exception.hint)

    def test_a_batch_keeps_the_order_and_its_failures(self):
        listed, failed, ping = self.pvhd.batch(
            ("domain.list", {}), ("domain.get", {"name": "nobody"}), ("system.ping", {}))
        self.assertEqual(listed["domains"][0]["name"], "Domain-0")
        self.assertEqual(failed.code, "not_found")
        self.assertIn("version", ping)

    def test_a_job_tells_each_stage(self):
        told = []
        created = self.pvhd.job("domain.create", config=config("job"), directory="/", progress=told.append)
        self.assertEqual(created["name"], "job")
        self.assertEqual([about["done"] for about in told[:-1]], list(range(1, told[-1]["total"] + 1)))
        self.assertEqual(told[-1]["state"], "done")
        self.pvhd.call("domain.destroy", name="job")

    def test_a_job_that_fails_raises(self):
        with self.assertRaises(PvhdError) as caught:
            self.pvhd.job("domain.create", config="name = 1", directory="/")
        self.assertEqual(caught.exception.code, "invalid_config")

    def test_events_are_iterated_over_between_calls(self):
        events = self.pvhd.events(types=["domain.created", "domain.destroyed"])
        self.pvhd.call("domain.create", config=config("events"), directory="/")
        self.assertEqual(next(events)["type"], "domain.created")
        self.pvhd.call("domain.destroy", name="events")
        gone = next(events)
        self.assertEqual((gone["type"], gone["name"]), ("domain.destroyed", "events"))

    def test_a_broken_connection_is_told(self):
        with Pvhd(SOCKET) as pvhd:
            with self.assertRaises((PvhdError, ConnectionError)):
                pvhd.call("x" * 2_000_000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
