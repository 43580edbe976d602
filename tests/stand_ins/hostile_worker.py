"""A worker that does what hostile files make workers do, for the tests of worker processes."""

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from lib.processes.worker_loop import Handler, run_worker
from lib.processes.worker_process import Json


def handle(request: Json, payload: memoryview) -> tuple[Json, bytes]:
    match request["do"]:
        case "echo":
            return {"pid": os.getpid(), "secret": os.environ.get("SECOND_LOOK_SECRET")}, bytes(payload)
        case "hang":
            time.sleep(600)
        case "die":
            os.abort()
        case "raise":
            raise RuntimeError("not foreseen")
        case "send":
            os.write(json.loads(sys.argv[1])["fds"][0], bytes.fromhex(request["bytes"]))
            time.sleep(600)
        case "cut":
            os.ftruncate(json.loads(sys.argv[1])["fds"][1], 0)
        case "fill memory":
            return {"size": len(bytearray(request["bytes"]))}, b""
        case "wait":
            time.sleep(request["seconds"])
    return {"pid": os.getpid()}, b""


def start(arguments: list[str]) -> tuple[Handler, Mapping[str, Any]]:
    if "fail" in arguments:
        sys.exit(3)
    if "hang" in arguments:
        time.sleep(600)
    return handle, {"arguments": arguments}


if __name__ == "__main__":
    run_worker(start)
