"""A session of Spark: begun, kept to itself, ended.

Invariant: names go to no cluster that does not authenticate and encrypt. One on this machine (`local…`) speaks over
loopback with a secret of its own and writes into a folder that goes with it; one elsewhere must be set up so
(`spark.authenticate` and `spark.network.crypto.enabled`, Spark's page “Security”).
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from amana.domain.errors import NotAllowed, Unavailable, gettext_noop
from amana.matching.spark import Cluster, SparkFailed

if TYPE_CHECKING:
    from pyspark import SparkContext

LOOPBACK = "127.0.0.1"
LOG = "spark.log"
NEEDED = ("spark.authenticate", "spark.network.crypto.enabled")
_SEPARATE = re.compile(r"local-cluster\[\s*(\d+)\s*,\s*(\d+)\s*,\s*\d+\s*\]")
_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{yyyy-MM-dd HH:mm:ss}} %p %c{{1}}: %m%n%ex
"""


class SparkMissing(Unavailable):
    """PySpark or Java is not installed."""

    code = "spark-missing"
    sentence = gettext_noop("For this, install PySpark (`pip install 'amana[spark]'`) and Java 17 or newer.")


class ClusterOpen(NotAllowed):
    """A cluster elsewhere lets anybody in, or speaks in clear."""

    code = "spark-open"
    sentence = gettext_noop(
        "Names go only to a Spark cluster that authenticates and encrypts: set %(setting)s to true, there and here."
    )


@contextmanager
def spark_cluster(master: str, folder: Path) -> Iterator[Cluster]:
    """A cluster to give to `match_lists` while this is open; `master` is Spark's word for where it is.

    `local[4]` is four worker processes on this machine, `local-cluster[2,1,2048]` two executors of a core and 2,048 MB
    each, `spark://host:7077` a cluster that runs. What Spark says of one on this machine is in spark.log in `folder`.
    Raises SparkMissing, SparkFailed, ClusterOpen.
    """
    _require_parts()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spark-", dir=folder.resolve(), ignore_cleanup_errors=True) as room:
        own, log = Path(room), folder.resolve() / LOG
        variables = _variables(master, own, log) if master.startswith("local") else {}
        python = os.environ.get("PYSPARK_PYTHON") or sys.executable
        with _environment(variables | {"PYSPARK_PYTHON": python}):
            context = _begin(master, own)
        try:
            yield Cluster(context, own)
        finally:
            _end(context)


def _require_parts() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise SparkMissing from error
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise SparkMissing


def _variables(master: str, own: Path, log: Path) -> dict[str, str]:
    """Write the settings of a cluster on this machine; returns the variables that lead Spark to them."""
    settings = {
        "spark.authenticate": "true",
        "spark.authenticate.secret": secrets.token_hex(32),
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.host": LOOPBACK,
        "spark.local.dir": os.fspath(own / "scratch"),
        "spark.network.crypto.enabled": "true",
    }
    variables = {"SPARK_CONF_DIR": os.fspath(own / "conf"), "SPARK_LOCAL_IP": LOOPBACK}
    if separate := _SEPARATE.fullmatch(master):
        settings["spark.cores.max"] = str(int(separate[1]) * int(separate[2]))
        settings["spark.scheduler.minRegisteredResourcesRatio"] = "1.0"  # begin when all are there
        variables["SPARK_HOME"] = os.fspath(_home_in(own / "home"))
    (own / "conf").mkdir()
    page = own / "conf" / "spark-defaults.conf"  # not on the command line, where all users see the secret
    page.touch(mode=0o600)
    page.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), "utf-8")
    (own / "conf" / "log4j2.properties").write_text(_LOGGING.format(log=log), "utf-8")
    return variables


def _home_in(folder: Path) -> Path:
    """Spark's home as links: executors work below their home, and ours shall not write where packages lie."""
    import pyspark

    folder.mkdir()
    for part in Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent).iterdir():
        if part.name != "work":
            (folder / part.name).symlink_to(part)
    return folder


def _begin(master: str, own: Path) -> SparkContext:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError

    if SparkContext._gateway is not None:  # one session in a process: it would get the other one's settings
        raise SparkFailed
    conf = SparkConf(loadDefaults=False).setMaster(master).setAppName("amana")
    conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    try:
        SparkContext._ensure_initialized(conf=conf)
    except PySparkRuntimeError as error:  # no Java, or one too old
        raise SparkMissing from error
    try:
        known = SparkConf(_jvm=SparkContext._jvm)
        for setting in NEEDED:
            if known.get(setting, "false") != "true":
                raise ClusterOpen(setting=setting)
        return SparkContext(conf=conf)
    except ClusterOpen:
        _end_gateway()
        raise
    except (Py4JError, ValueError, OSError) as error:
        _end_gateway()
        raise SparkFailed from error


def _end(context: SparkContext) -> None:
    """Stop the session and its Java process: another session has other settings."""
    try:
        context.stop()
    finally:
        _end_gateway()


def _end_gateway() -> None:
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(30)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
