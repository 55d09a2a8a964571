"""A private Slurm cluster for tests: munged, slurmctld and two slurmd, started and ended by a test that runs as root.

Everything of the cluster lies in a temporary folder: its own key, ports, spool and logs; /etc is not touched. Both nodes
are this machine, each with a host name of its own, so that leases take them for two machines.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DAEMONS = ("munged", "slurmctld", "slurmd")


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_until(what, seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("not within %d s: %s" % (seconds, what))
        time.sleep(0.2)


class Cluster:
    """munged, slurmctld and two slurmd, started and ended by this process."""

    def __init__(self, folder):
        self.dir = folder
        for name in ("state", "spool/n1", "spool/n2", "log", "munge"):
            os.makedirs(os.path.join(folder, name))
        os.chmod(folder, 0o755)
        self.env = {**os.environ, "SLURM_CONF": os.path.join(folder, "slurm.conf")}
        with open(os.path.join(folder, "munge/key"), "wb") as f:
            f.write(os.urandom(1024))
        os.chmod(os.path.join(folder, "munge/key"), 0o600)
        control, *ports = free_ports(3)
        host = socket.gethostname().split(".")[0]
        nodes = "".join("NodeName=n%d NodeHostname=n%d NodeAddr=127.0.0.1 Port=%d CPUs=1 RealMemory=500 State=UNKNOWN\n"
                        % (k, k, port) for k, port in enumerate(ports, 1))
        with open(self.env["SLURM_CONF"], "w") as f:
            f.write("""ClusterName=test
SlurmctldHost=%s(127.0.0.1)
SlurmctldPort=%d
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=%s/munge/socket
StateSaveLocation=%s/state
SlurmdSpoolDir=%s/spool/%%n
SlurmctldPidFile=%s/ctld.pid
SlurmdPidFile=%s/%%n.pid
SlurmctldLogFile=%s/log/ctld.log
SlurmdLogFile=%s/log/%%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=50000,sched_interval=1,bf_interval=2
ReturnToService=2
SlurmdTimeout=10
JobRequeue=1
%sPartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
""" % (host, control, *[folder] * 7, nodes))

    def start(self):
        d = self.dir
        self.call("/usr/sbin/munged", "--force", "--key-file=" + d + "/munge/key", "--socket=" + d + "/munge/socket",
                  "--pid-file=" + d + "/munge/pid", "--log-file=" + d + "/munge/log", "--seed-file=" + d + "/munge/seed")
        wait_until("munged", 10, lambda: os.path.exists(d + "/munge/socket"))
        self.call("/usr/sbin/slurmctld", "-c", "-f", self.env["SLURM_CONF"])
        wait_until("slurmctld", 20, lambda: os.path.exists(d + "/ctld.pid"))
        for node in ("n1", "n2"):
            self.start_node(node)
        wait_until("two idle nodes", 30, lambda: self.states().count("idle") == 2)

    def start_node(self, node):
        self.call("unshare", "--uts", "sh", "-c",
                  "hostname %s && exec /usr/sbin/slurmd -c -N %s -f %s" % (node, node, self.env["SLURM_CONF"]))

    def call(self, *command):
        done = subprocess.run(command, env=self.env, capture_output=True, timeout=60)
        if done.returncode:
            raise AssertionError("%s: %s" % (command[0], done.stderr.decode()))
        return done.stdout.decode()

    def states(self):
        return self.call("sinfo", "-h", "-N", "-o", "%T").split()

    def pid(self, name):
        with open(os.path.join(self.dir, name)) as f:
            return int(f.read())

    def processes(self, host):
        """Of a node: those that see its host name."""
        mine = os.readlink("/proc/self/ns/uts")
        name = os.readlink("/proc/%d/ns/uts" % self.pid(host + ".pid"))
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink("/proc/%s/ns/uts" % pid) == name != mine:
                    found.append(int(pid))
            except OSError:
                pass
        return found

    def lose(self, host):
        for pid in self.processes(host):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def stop(self):
        subprocess.run(["scancel", "--user=root"], env=self.env, capture_output=True, timeout=60)
        for name in ("n1.pid", "n2.pid"):
            try:
                self.lose(name[:2])
            except (OSError, ValueError):
                pass
        for name in ("ctld.pid", "munge/pid"):
            try:
                os.kill(self.pid(name), signal.SIGKILL)
            except (OSError, ValueError):
                pass


class SlurmCase(unittest.TestCase):
    """A test with a cluster and 600 statements, rows.csv, in a folder of its own."""
    program = None

    def setUp(self):
        self.since = {}  # job: when it was first seen waiting for its time
        self.dir = tempfile.mkdtemp(prefix="misstep-slurm-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.cluster = Cluster(os.path.join(self.dir, "cluster"))
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        self.run_ok("generate", "-n", "600", "--seed", "3", "-q", "-o", "rows.csv")

    def run_ok(self, *args):
        done = subprocess.run([self.program, *args], cwd=self.dir, capture_output=True, timeout=300, env=self.cluster.env)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def is_over(self):
        """No job is in the queue. Slurm lets one that comes back wait two minutes; a test waits three seconds.

        Not less: a node refuses what was given out in the second in which it was told to end the job ("credential
        revoked"), and the job is then lost.
        """
        jobs = self.cluster.call("squeue", "-h", "-o", "%i %r").splitlines()
        waiting = {job for job, why in (line.split(" ", 1) for line in jobs) if why == "BeginTime"}
        self.since = {job: self.since.get(job, time.monotonic()) for job in waiting}
        for job in [job for job in waiting if time.monotonic() - self.since[job] > 3]:
            self.cluster.call("scontrol", "update", "jobid=" + job, "StartTime=now")
        return not jobs


def skip_unless_possible():
    missing = [d for d in DAEMONS if not os.path.exists("/usr/sbin/" + d)] + [
        c for c in ("sbatch", "squeue", "unshare") if not shutil.which(c)]
    if missing:
        skip("no " + ", ".join(missing) + "; scripts/setup --tests installs Slurm")
    if os.geteuid():
        skip("a private Slurm cluster needs root")
    if not os.path.ismount("/sys/fs/cgroup") or subprocess.run(["unshare", "--uts", "true"], capture_output=True).returncode:
        skip("this container has no /sys/fs/cgroup, or no host names of its own for the nodes")
