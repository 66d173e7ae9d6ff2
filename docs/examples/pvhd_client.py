#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of pvhd that needs nothing but Python 3: one JSON-RPC 2.0 message a line, over a Unix socket.

As a program it lists the domains, or creates one and tells what happens to it until it has ended:

    ./pvhd_client.py [--socket PATH] [CONFIG]

The methods and their parameters: rpc/protocol.md; what each of them answers: rpc/openrpc.json.
"""

import argparse
import collections
import itertools
import json
import os
import socket


class PvhdError(Exception):
    """What a call was answered with instead of a result. `code` is a word for programs ("not_found", "busy", ...),
    the exception's text is for people, and so is `hint`: what to do about it, or None."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.number = error["code"]
        data = error.get("data", {})
        self.code = data.get("code")
        self.hint = data.get("hint")
        self.stage = data.get("stage")
        self.retryable = data.get("retryable", False)


class Pvhd:
    """A connection. It is not for several threads: let each have its own."""

    def __init__(self, path="/run/pvhd/pvhd.sock"):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self._ids = itertools.count(1)
        self._notifications = collections.deque()  # that came while something else was waited for

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._lines.close()
        self._socket.close()

    def call(self, method, /, **params):
        """The result of one method. Raises PvhdError if that is what pvhd answers."""
        request = self._request(method, params)
        self._send(request)
        return _required(self._answer(lambda message: message.get("id") == request["id"]))

    def batch(self, *calls):
        """Several calls at once, each a pair of method and params: their results in the same order. One that failed
        has a PvhdError, not raised, in its place: the others are done all the same."""
        requests = [self._request(method, params) for method, params in calls]
        self._send(requests)
        answers = {answer["id"]: answer for answer in self._answer(lambda message: isinstance(message, list))}
        return [_outcome(answers[request["id"]]) for request in requests]

    def job(self, method, /, progress=None, **params):
        """As call, for what takes a while: `progress` is called with each "job.progress" (stage, done, total, ...).
        The work goes on if this connection ends; job.wait asks for its end from another."""
        job = self.call(method, mode="job", **params)["job"]
        state = "running"
        while state == "running":
            told = self._notification("job.progress", lambda about: about["job"] == job)
            state = told["state"]
            if progress:
                progress(told)
        return _required(self.call("job.get", job=job))

    def events(self, **only):
        """Events from now on, or after the number `since`, without end: an iterator. `only` narrows them: types, name,
        uuid. The subscription is made at once; a connection has one, and may be used for calls meanwhile."""
        self.call("events.subscribe", **only)
        return iter(lambda: self._notification("event"), None)

    def _request(self, method, params):
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

    def _send(self, message):
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _receive(self):
        line = self._lines.readline()
        if not line.endswith("\n"):
            raise ConnectionError("pvhd has hung up")
        message = json.loads(line)
        if isinstance(message, dict) and message.get("id", 0) is None:  # about the connection, not about a request
            raise PvhdError(message["error"])
        return message

    def _answer(self, is_wanted):
        while not is_wanted(message := self._receive()):
            if isinstance(message, dict) and "method" in message:
                self._notifications.append(message)
        return message

    def _notification(self, method, is_wanted=lambda params: True):
        seen = 0
        while True:
            while seen == len(self._notifications):
                self._notifications.append(self._receive())
            message = self._notifications[seen]
            if message.get("method") == method and is_wanted(message["params"]):
                del self._notifications[seen]
                return message["params"]
            seen += 1


def _outcome(answer):
    return PvhdError(answer["error"]) if "error" in answer else answer["result"]


def _required(answer):
    outcome = _outcome(answer)
    if isinstance(outcome, PvhdError):
        raise outcome
    return outcome


def show_domains(pvhd):
    for domain in pvhd.call("domain.list")["domains"]:
        print(f'{domain["domid"]:5} {domain["name"]:24} {domain["state"]:10} {domain["memory_kib"] // 1024:7} MiB')


def run_domain(pvhd, path):
    """Creates what the file describes, and tells what happens to it until this life of it is over."""
    events = pvhd.events()
    with open(path, encoding="utf-8") as config:
        created = pvhd.job(
            "domain.create", config=config.read(), config_name=path, directory=os.path.dirname(os.path.abspath(path)),
            progress=lambda told: print(f'{told["done"]:3}/{told["total"]} {told["stage"]}'))
    for warning in created["warnings"]:
        print(warning)
    for event in events:
        if event["uuid"] != created["uuid"]:  # of another domain
            continue
        print(event["time"], event["type"], event["name"], json.dumps(event["data"]))
        if event["type"] == "domain.destroyed":
            return


def main():
    parser = argparse.ArgumentParser(description="Lists domains, or creates one and follows it to its end.")
    parser.add_argument("--socket", default="/run/pvhd/pvhd.sock")
    parser.add_argument("config", nargs="?", help="a file in the language of xl.cfg")
    options = parser.parse_args()
    try:
        with Pvhd(options.socket) as pvhd:
            show_domains(pvhd)
            if options.config:
                run_domain(pvhd, options.config)
    except PvhdError as error:
        raise SystemExit(f"{error} ({error.code})" + (f"\nhint: {error.hint}" if error.hint else "")) from error


if __name__ == "__main__":
    main()
