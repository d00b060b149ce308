"""What integration tests share: a Spark cluster, started when the first test marked `spark` asks for it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watchfloor.facts.engines.spark_engine import SparkEngine

HOST = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(log: Path, text: str, *, times: int = 1) -> None:
    deadline = time.monotonic() + 60
    while log.read_text(errors="replace").count(text) < times:
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SparkEngine]":
    """A real standalone cluster on this machine: one master, two workers, and the engine that asks them."""
    pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed: make test-spark installs it")
    if shutil.which("java") is None:
        pytest.skip("Java is not on the PATH")
    from watchfloor.facts.engines.spark_engine import SparkEngine

    folder = tmp_path_factory.mktemp("spark")
    launcher = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    environment = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_WORKER_DIR": str(folder)}
    port = _free_port()
    master = f"spark://{HOST}:{port}"
    commands = [
        ["org.apache.spark.deploy.master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0"]
    ]
    worker = ["org.apache.spark.deploy.worker.Worker", "--host", HOST, "--webui-port", "0", "-c", "1"]
    commands += [[*worker, "-m", "512M", master]] * 2
    log = folder / "cluster.log"
    processes = []
    engine = SparkEngine(
        master=master,
        settings={
            "spark.executor.memory": "512m",
            "spark.driver.host": HOST,
            "spark.driver.bindAddress": HOST,
            "spark.sql.shuffle.partitions": "4",
        },
    )
    with log.open("wb") as output:
        try:
            for command in commands:
                processes.append(
                    subprocess.Popen([launcher, *command], stdout=output, stderr=output, env=environment)
                )
                _wait_for(log, "I have been elected leader")
            _wait_for(log, "Registering worker", times=2)
            yield engine
        finally:
            engine.close()
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(timeout=20)
