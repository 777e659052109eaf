"""A cluster finds what one process finds, to the bit, whoever of it dies; and nobody but this job's index answers."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from amana.matching import NameIndex, bulk, spark, spark_cluster
from amana.matching.bulk import Block, Hits, match_lists
from amana.matching.index_parts import IndexFileUnfit
from amana.matching.spark import Answer, Cluster, Job, SparkFailed, WorkersDiffer, find_slices
from amana.matching.spark_session import NEEDED, SparkMissing
from tests.matching.test_index import ASKED, NAMES

SEPARATE = "local-cluster[2,1,1024]"
MANY_ASKED = [*ASKED, *NAMES[::7], "", "Ousmane Keïta", "عمر التازي"]

java = pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed: no cluster of Spark can be begun")


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex.build(NAMES)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two executors, each a Java process with Python workers of its own."""
    with spark_cluster(SEPARATE, tmp_path_factory.mktemp("cluster")) as begun:
        yield begun


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BLOCK", 6)
    monkeypatch.setattr(spark, "SLICE", 2)
    monkeypatch.setattr(spark, "AT_ONCE", 1)


def same(one: Hits, other: Hits) -> bool:
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def await_both(cluster: Cluster) -> None:
    """Wait until both executors are there; one that was killed by another test is begun anew by Spark."""
    status, deadline = cluster.context._jsc.sc().getExecutorMemoryStatus, time.monotonic() + 60
    while status().size() < 3:  # the driver is counted too
        assert time.monotonic() < deadline, "Spark did not begin its executors within a minute"
        time.sleep(0.05)


@java
def test_separate_workers_find_what_one_process_finds(index: NameIndex, cluster: Cluster, tmp_path: Path) -> None:
    await_both(cluster)
    cluster.workers.clear()
    told: list[int] = []
    alone = match_lists(MANY_ASKED, index, tmp_path / "alone", least=0.3, most=5)
    found = match_lists(
        MANY_ASKED, index, tmp_path / "cluster", least=0.3, most=5,
        progress=lambda done, _: told.append(done), engine=cluster,
    )  # fmt: skip
    assert len(alone.value) > len(ASKED)
    assert same(found, alone)
    pids = {int(worker.rpartition(":")[2]) for worker in cluster.workers}
    assert len(pids - {os.getpid()}) >= 2
    assert told == [*range(6, len(MANY_ASKED), 6), len(MANY_ASKED)]


@java
def test_the_cluster_goes_on_where_one_process_stopped(index: NameIndex, cluster: Cluster, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 12:
            raise KeyboardInterrupt

    told: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        match_lists(MANY_ASKED, index, tmp_path / "job", least=0.3, progress=stop)
    found = match_lists(
        MANY_ASKED, index, tmp_path / "job", least=0.3, progress=lambda done, _: told.append(done), engine=cluster
    )
    assert told[:2] == [12, 18]
    assert same(found, match_lists(MANY_ASKED, index, tmp_path / "alone", least=0.3))


@java
@pytest.mark.parametrize("victim", ["worker", "executor"])
def test_what_a_killed_one_had_found_is_found_again_and_counted_once(
    index: NameIndex, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    mark = os.fspath(tmp_path / "killed")

    def killed_once(slices: Iterable[Block], job: Job) -> Iterator[Answer]:
        yield from find_slices(slices, job)
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        daemon = os.getppid()
        java = int(Path(f"/proc/{daemon}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(os.getpid() if victim == "worker" else java, signal.SIGKILL)

    monkeypatch.setattr(spark, "find_slices", killed_once)
    found = match_lists(MANY_ASKED, index, tmp_path / "cluster", least=0.3, engine=cluster)
    assert Path(mark).exists()
    assert same(found, match_lists(MANY_ASKED, index, tmp_path / "alone", least=0.3))


@java
def test_a_list_of_nobody_has_no_hits(index: NameIndex, cluster: Cluster, tmp_path: Path) -> None:
    assert len(match_lists([], index, tmp_path, least=0.3, engine=cluster).value) == 0


@java
def test_what_may_not_be_seen_is_not_found_by_workers(index: NameIndex, cluster: Cluster) -> None:
    seen = np.array([not name.startswith("Karim") for name in NAMES], np.bool_)
    blocks, limits = bulk.blocks_of(MANY_ASKED), bulk.Limits(0.0, 5, seen)
    found = [hits for _, hits in cluster(blocks, index, limits)]
    assert not {position for hits in found for position in hits.found.tolist()} & set(np.flatnonzero(~seen).tolist())
    assert same(bulk.joined(found), bulk.joined([hits for _, hits in bulk.one_process(blocks, index, limits)]))


@java
def test_an_index_of_other_names_is_refused_by_the_worker(cluster: Cluster, tmp_path: Path) -> None:
    held = NameIndex.build(NAMES[:50])
    path = cluster.folder / f"{held.fingerprint}.index"
    NameIndex.build(NAMES[1:51]).save(path)
    cluster.context.addFile(os.fspath(path))
    with pytest.raises(IndexFileUnfit):
        match_lists(ASKED, held, tmp_path, least=0.3, engine=cluster)


@java
def test_workers_with_another_amana_are_refused(
    index: NameIndex, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "makeup", lambda: "another")
    with pytest.raises(WorkersDiffer):
        match_lists(ASKED, index, tmp_path, least=0.3, engine=cluster)


@java
def test_what_is_given_to_spark_lies_locked_in_its_own_folder_and_goes_with_it(
    cluster: Cluster, index: NameIndex, tmp_path: Path
) -> None:
    match_lists(ASKED, index, tmp_path, least=0.3, engine=cluster)
    given = [path for path in cluster.folder.rglob("*") if path.suffix in (".index", ".conf") and path.is_file()]
    assert {path.suffix for path in given} == {".index", ".conf"}
    assert cluster.folder.stat().st_mode & 0o77 == 0
    settings = dict(cluster.context.getConf().getAll())
    assert settings["spark.driver.host"] == settings["spark.driver.bindAddress"] == "127.0.0.1"
    for setting in NEEDED:
        assert settings[setting] == "true"
    gateway = cluster.context._gateway
    assert gateway is not None
    assert not any(settings["spark.authenticate.secret"] in word for word in gateway.proc.args)


@java
def test_a_second_session_in_one_process_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(SparkFailed), spark_cluster("local[1]", tmp_path):
        pass
    assert cluster.context.defaultParallelism == 2


def test_without_pyspark_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkMissing, match=r"amana\[spark\]") as missing, spark_cluster(SEPARATE, tmp_path):
        pass
    assert missing.value.code == "spark-missing"


def test_without_java_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SparkMissing, match="Java 17"), spark_cluster(SEPARATE, tmp_path):
        pass
