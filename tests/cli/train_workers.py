#!/usr/bin/env python3
"""misstep train --workers N: the same model as alone, and an end without remains when a worker is lost.

usage: train_workers.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone; 77: no XGBoost from 2.1 on)
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
QUIET = ("-q", "--device", "cpu")
WHOLE = ("--subsample", "1", "--n-estimators", "12")
LONG = ("--n-estimators", "100000", "--margin", "none")
TASK = ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURMD_NODENAME", "SLURM_RESTART_COUNT")


def too_old():
    """Why XGBoost cannot share work out here, or None."""
    rows = json.loads(subprocess.run([PROGRAM, "info", "--format", "json"], capture_output=True).stdout)
    found = next(row["found"] for row in rows if row["what"] == "XGBoost")
    version = re.match(r"(\d+)\.(\d+)\.", found)
    if version and (int(version.group(1)), int(version.group(2))) >= (2, 1):
        return None
    return "XGBoost 2.1 or newer is needed, found: " + found


def workers_of(parent):
    """Worker processes whose parent is this one: they are train-worker FOLDER NUMBER PARENT."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if len(words) > 4 and words[1] == b"train-worker" and words[4] == b"%d" % parent:
            found[int(words[3])] = int(pid)
    return found


def is_gone(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-workers-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.run_ok("generate", "-n", "700", "--seed", "5", "-q", "-o", "rows.csv")

    def start(self, *args, **env):
        base = {k: v for k, v in os.environ.items() if k not in TASK}
        process = subprocess.Popen([PROGRAM, *args], cwd=self.dir, env={**base, **env}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.kill)
        return process

    def end(self, process, code):
        out, err = process.communicate(timeout=240)
        self.assertEqual(process.returncode, code, err)
        return err

    def run_ok(self, *args):
        return self.end(self.start(*args), 0)

    def fails(self, code, words, *args):
        self.assertIn(words, self.end(self.start(*args), code))
        self.nothing_is_left("m")

    def train(self, output, *args):
        self.run_ok("train", "rows.csv", "-o", output, *QUIET, *args)
        return self.booster(output)

    def booster(self, output):
        with open(os.path.join(self.dir, output, "booster.ubj"), "rb") as f:
            return f.read()

    def nothing_is_left(self, *models):
        for name in os.listdir(self.dir):
            self.assertFalse(name.startswith(".misstep-") or name in models or name.endswith(".workers"), name)

    def wait_for(self, what, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.02)


class TestModel(Case):
    def test_any_number_of_workers_gives_the_model_of_one(self):
        for name, options in (("plain", WHOLE), ("alone", WHOLE + ("--margin", "none", "--colsample-bytree", "1")),
                              ("stops", ("--subsample", "1", "--early-stopping", "3"))):
            one = self.train(name + "1", *options)
            for n in ("2", "3"):
                self.assertEqual(one, self.train(name + n, "--workers", n, *options), name + n)
        self.nothing_is_left()

    def test_early_stopping_says_the_same(self):
        said = []
        for n in ("1", "3"):
            self.train("m" + n, "--workers", n, "--subsample", "1", "--early-stopping", "3")
            with open(os.path.join(self.dir, "m" + n, "metrics.json")) as f:
                metrics = json.load(f)
            metrics["run"].pop("seconds")
            said.append(metrics)
        self.assertEqual(*said)

    def test_folds_are_fits_one_after_the_other(self):
        self.assertEqual(self.train("f1", "--folds", "2", *WHOLE),
                         self.train("f2", "--folds", "2", "--workers", "2", *WHOLE))

    def test_options_reach_the_workers(self):
        options = WHOLE + ("--xgb", "gamma=0.5", "--xgb", "reg_lambda=2", "--seed", "9007199254740991",
                           "--learning-rate", "0.3", "--max-depth", "2", "--max-bin", "7")
        self.assertEqual(self.train("o1", *options), self.train("o2", "--workers", "2", *options))
        self.assertNotEqual(self.booster("o1"), self.train("o3", "--workers", "2", *WHOLE))

    def test_a_sample_of_rows_is_repeatable(self):
        self.assertEqual(self.train("s1", "--workers", "2"), self.train("s2", "--workers", "2"))


class TestRefused(Case):
    def test_what_is_not_shared_out(self):
        train = ("train", "rows.csv", "-o", "m", *QUIET, "--workers")
        self.fails(2, "only --learner xgboost", *train, "2", "--learner", "linear")
        self.fails(2, "--workers", *train, "0")
        self.fails(2, "there are only 560 rows", *train, "1000")
        self.fails(2, "does not use no_such", *train, "2", "--xgb", "no_such=1")

    def test_another_number_of_tasks(self):
        task = self.start("train", "rows.csv", "-o", "m", *QUIET, "--workers", "2", SLURM_STEP_NUM_TASKS="3", SLURM_PROCID="0")
        self.assertIn("as many are expected", self.end(task, 2))


class TestLoss(Case):
    def boosting(self, n=3):
        parent = self.start("train", "rows.csv", "-o", "m", *QUIET, *LONG, "--workers", str(n))
        self.wait_for("workers", lambda: len(workers_of(parent.pid)) == n)
        return parent, workers_of(parent.pid)

    def rounds(self):
        """Has worker 0 told of a round?"""
        for name in os.listdir(self.dir):
            path = os.path.join(self.dir, name, "run", "fit-0", "progress")
            if os.path.exists(path) and os.path.getsize(path):
                return True
        return False

    def ends(self, parent, workers, code):
        err = self.end(parent, code)
        self.wait_for("no worker", lambda: all(map(is_gone, workers.values())))
        return err

    def test_a_killed_worker_is_named(self):
        for k, number in ((1, signal.SIGKILL), (0, signal.SIGUSR1), (2, signal.SIGTERM)):
            parent, workers = self.boosting()
            self.wait_for("rounds", self.rounds)
            os.kill(workers[k], number)
            self.assertIn("worker %d of 3: it was ended by signal %d" % (k, number), self.ends(parent, workers, 1))
            self.nothing_is_left("m")

    def test_killed_before_the_first_round(self):
        parent, workers = self.boosting()
        os.kill(workers[1], signal.SIGKILL)
        self.assertIn("worker 1 of 3: it was ended by signal 9", self.ends(parent, workers, 1))
        self.nothing_is_left("m")

    def test_ctrl_c(self):
        for rounds in (False, True):
            parent, workers = self.boosting()
            if rounds:
                self.wait_for("rounds", self.rounds)
            os.killpg(parent.pid, signal.SIGINT)
            self.assertIn("nothing half-written", self.ends(parent, workers, 130))
            self.nothing_is_left("m")

    def test_workers_end_with_the_first_process(self):
        parent, workers = self.boosting()
        parent.kill()
        self.ends(parent, workers, -signal.SIGKILL)
        self.train("next", *WHOLE)  # and the next output there removes what it left
        self.nothing_is_left("m")


class TestTasks(Case):
    """Tasks as srun starts them, here all on this machine."""

    def task(self, k, n, *args):
        return self.start("train", "rows.csv", "-o", "m", *QUIET, *args, "--workers", str(n), SLURM_JOB_ID="7",
                          SLURM_STEP_ID="0", SLURM_STEP_NUM_TASKS=str(n), SLURM_PROCID=str(k))

    def tasks(self, n, *args):
        return [self.task(k, n, *args) for k in range(n)]

    def test_the_model_of_one(self):
        one = self.train("one", *WHOLE, "--folds", "2")
        for task in reversed(self.tasks(3, *WHOLE, "--folds", "2")):
            self.end(task, 0)
        self.assertEqual(one, self.booster("m"))
        self.nothing_is_left()

    def test_a_task_told_to_stop_stops_all(self):
        tasks = self.tasks(3, *LONG)
        self.wait_for("workers", lambda: all(workers_of(t.pid) for t in tasks))
        tasks[2].terminate()
        self.end(tasks[2], 143)
        self.assertIn("worker 2 of 3: it was told to stop", self.end(tasks[0], 1))
        self.end(tasks[1], 1)
        self.nothing_is_left("m")

    def test_a_lost_worker_stops_all(self):
        tasks = self.tasks(2, *LONG)
        self.wait_for("workers", lambda: all(workers_of(t.pid) for t in tasks))
        os.kill(workers_of(tasks[1].pid)[1], signal.SIGKILL)
        self.assertIn("worker 1 of 2: it was ended by signal 9", self.end(tasks[0], 1))
        self.end(tasks[1], 1)
        self.nothing_is_left("m")

    def test_bad_rows_stop_all(self):
        with open(os.path.join(self.dir, "rows.csv"), "w") as f:
            f.write("text,label\n" + "".join("text %d,a\n" % i for i in range(20)))
        for late in (False, True):
            tasks = self.tasks(2) if not late else [self.task(0, 2)]
            if late:
                time.sleep(1)
                tasks.append(self.task(1, 2))
            self.assertIn("one class only", self.end(tasks[0], 3))
            self.assertIn("the first worker has ended", self.end(tasks[1], 1))
            self.nothing_is_left("m")


if __name__ == "__main__":
    why = too_old()
    if why:
        print("skipped: " + why)
        sys.exit(77)
    unittest.main()
