#!/usr/bin/env python3
"""Sweeps as tasks of job arrays: which part a task takes, what is submitted, and the files for clouds.

usage: sweep_cluster.py PROGRAM CLOUD_FOLDER [unittest arguments]     (run by ctest; the standard library alone)
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
CLOUD = os.path.abspath(sys.argv.pop(1))
SPEC = """data: rows.csv
parameters: {linear_c: {values: [0.1, 1, 10]}}
models: [linear, majority]
seeds: [0, 1]
"""
INDICES = ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT", "AWS_BATCH_JOB_ARRAY_INDEX",
           "AWS_BATCH_JOB_ARRAY_SIZE", "JOB_COMPLETION_INDEX", "SKYPILOT_NODE_RANK", "SKYPILOT_NUM_NODES",
           "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT")


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-cluster-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.run_ok("generate", "-n", "200", "--seed", "3", "-q", "-o", "rows.csv")
        with open(os.path.join(self.dir, "spec.yaml"), "w") as f:
            f.write(SPEC)

    def run_it(self, *args, env=None):
        base = {k: v for k, v in os.environ.items() if k not in INDICES}
        done = subprocess.run([PROGRAM, *args], cwd=self.dir, capture_output=True, timeout=300,
                              env={**base, **(env or {})})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def run_ok(self, *args, env=None):
        code, out, err = self.run_it(*args, env=env)
        self.assertEqual(code, 0, err)
        return out, err

    def program(self, name, script):
        """A stand-in for one of Slurm's commands, and a PATH on which it is the only one."""
        path = os.path.join(self.dir, "bin")
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, name), "w") as f:
            f.write("#!/bin/sh\n" + script)
        os.chmod(os.path.join(path, name), 0o755)
        return {"PATH": path + ":/usr/bin:/bin"} if script else {"PATH": path}


class TestShards(Case):
    def n_done(self, folder):
        return json.loads(self.run_ok("sweep", "status", folder, "--format", "json")[0])

    def test_the_engines_numbers(self):
        for env, says in (({"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "4", "SLURM_ARRAY_TASK_COUNT": "3"},
                           "shard 2 of 3 by SLURM_ARRAY_TASK_ID"),
                          ({"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}, "shard 1 of 4"),
                          ({"SKYPILOT_NODE_RANK": "1", "SKYPILOT_NUM_NODES": "2"}, "shard 2 of 2"),
                          ({"CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "2"}, "shard 2 of 2")):
            self.assertIn(says, self.run_ok("sweep", "spec.yaml", "--dry-run", "--shard", "auto", env=env)[1])
        env = {"JOB_COMPLETION_INDEX": "3"}
        self.assertIn("shard 4 of 8", self.run_ok("sweep", "spec.yaml", "--dry-run", "--shard", "auto/8", env=env)[1])

    def test_numbers_that_make_no_sense(self):
        for text, env, says in (("auto", {}, "none of SLURM_ARRAY_TASK_ID"),
                                ("auto", {"JOB_COMPLETION_INDEX": "0"}, "auto/N"),
                                ("auto", {"AWS_BATCH_JOB_ARRAY_INDEX": "1"}, "AWS_BATCH_JOB_ARRAY_SIZE is not set"),
                                ("auto", {"SKYPILOT_NODE_RANK": "x", "SKYPILOT_NUM_NODES": "2"}, "whole number"),
                                ("auto/2", {"JOB_COMPLETION_INDEX": "2"}, "number 3 of 2"),
                                ("0/3", {}, "I/N"), ("4/3", {}, "I/N"), ("1/2x", {}, "I/N"), ("1/99999999999999999999", {}, "I/N"), ("auto/0", {}, "I/N")):
            code, _, err = self.run_it("sweep", "spec.yaml", "--dry-run", "--shard", text, env=env)
            self.assertEqual(code, 2, err)
            self.assertIn(says, err)

    def test_shards_make_the_whole(self):
        self.run_ok("sweep", "spec.yaml", "-o", "whole", "--workers", "1", "--quiet")
        for i in range(3):
            env = {"AWS_BATCH_JOB_ARRAY_INDEX": str(i), "AWS_BATCH_JOB_ARRAY_SIZE": "3"}
            self.run_ok("sweep", "spec.yaml", "-o", "part%d" % i, "--shard", "auto", "--quiet", env=env)
            for name in os.listdir(os.path.join(self.dir, "part%d" % i, "ledger")):
                if i:
                    shutil.copy(os.path.join(self.dir, "part%d" % i, "ledger", name),
                                os.path.join(self.dir, "part0", "ledger", "%d-%s" % (i, name)))
        columns = slice(0, -5)  # without seconds, cpu_seconds, joules and error
        whole, parts = ([r.split(",")[columns] for r in self.run_ok("sweep", "results", d, "--format", "csv")[0].split("\n")]
                        for d in ("whole", "part0"))
        self.assertGreater(len(whole), 8)
        self.assertEqual(whole, parts)


class TestSubmission(Case):
    def test_dry_run_prints_both_files_and_writes_nothing(self):
        out, _ = self.run_ok("sweep", "spec.yaml", "--slurm", "--dry-run", "--partition", "gpu", "--gpus", "1", "--time",
                             "2:00:00", "--cpus", "8", "--array", "3", "--sbatch", "account=me")
        for word in ("--array=0-2", "--gres=gpu:1", "--partition=gpu", "--time=2:00:00", "--account=me", "--requeue",
                     "--cpus-per-task=8", "--workers 8 --device cuda:0", "scontrol requeue"):
            self.assertIn(word, out)
        self.assertFalse(os.path.exists(os.path.join(self.dir, "spec")))

    def test_no_slurm_here(self):
        env = self.program("nothing", "")
        code, _, err = self.run_it("sweep", "spec.yaml", "--slurm", env=env)
        self.assertEqual(code, 1, err)
        self.assertIn("sbatch is not here", err)

    def test_sbatch_refuses(self):
        env = self.program("sbatch", "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1\n")
        code, _, err = self.run_it("sweep", "spec.yaml", "--slurm", "--partition", "x", env=env)
        self.assertEqual(code, 1, err)
        self.assertIn("invalid partition specified: x", err)
        self.assertFalse(os.path.exists(os.path.join(self.dir, "spec", "slurm", "job")))

    def test_no_second_array_while_one_is_queued_and_none_when_all_is_done(self):
        env = self.program("sbatch", "echo \"$@\" >>calls; echo 17\n")
        self.program("squeue", "echo 17_0\n")
        _, err = self.run_ok("sweep", "spec.yaml", "--slurm", env=env)
        self.assertIn("job 17 submitted", err)
        code, _, err = self.run_it("sweep", "spec.yaml", "--slurm", env=env)
        self.assertIn("still in the queue", err)
        self.assertNotEqual(code, 0)
        self.run_ok("sweep", "spec.yaml", "--slurm", "--yes", env=env)
        self.program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1\n")
        self.run_ok("sweep", "spec.yaml", "--slurm", env=env)
        with open(os.path.join(self.dir, "calls")) as f:
            calls = f.read().splitlines()
        self.assertEqual(len(calls), 6)
        self.assertIn("--dependency=afterany:17", calls[1])
        self.run_ok("sweep", "spec.yaml", "--device", "cpu", "--quiet")
        self.assertIn("nothing is open", self.run_ok("sweep", "spec.yaml", "--slurm", env=env)[1])

    def test_no_array_is_larger_than_the_cluster_takes(self):
        """MaxArraySize of scontrol show config: the number of tasks, the largest index is one less."""
        for config, size in (("MaxArraySize            = 2", "--array=0-1"), ("MaxArraySize = 1001", "--array=0-3"),
                             ("MaxArraySize = none", "--array=0-3"), ("MaxJobCount = 2", "--array=0-3")):
            env = self.program("sbatch", "echo \"$@\" >>calls; echo 17\n")
            self.program("squeue", "exit 1\n")
            self.program("scontrol", f"echo 'Configuration data'; echo '{config}'\n")
            self.run_ok("sweep", "spec.yaml", "--slurm", "--array", "4", env=env)
            with open(os.path.join(self.dir, "calls")) as f:
                self.assertIn(size, f.read().splitlines()[-2].split(), config)
            shutil.rmtree(os.path.join(self.dir, "spec"))

    def test_the_script_runs_anywhere(self):
        env = self.program("sbatch", "for f in \"$@\"; do :; done; case $f in --wrap=*) ;; *) sh \"$f\" >&2 || exit;; esac; echo 1\n")
        os.rename(os.path.join(self.dir, "spec.yaml"), os.path.join(self.dir, "it's a spec.yaml"))
        self.run_ok("sweep", "it's a spec.yaml", "--slurm", "--cpus", "1", env=env)
        self.assertIn("nothing is open", self.run_ok("sweep", "it's a spec.yaml", "--slurm", env=env)[1])


    def run_task(self, number):
        """Run an array's script by itself; signal number when a cell is under way. Exit code, scontrol's arguments."""
        env = self.program("sbatch", "echo 7\n")
        self.program("scontrol", "[ \"$1\" = requeue ] || exit 1; echo \"$@\" >>requeued\n")
        with open(os.path.join(self.dir, "long.yaml"), "w") as f:
            f.write("data: rows.csv\nparameters: {preset: {value: notebook}, n_estimators: {value: 300}}\n"
                    "seeds: [%s]\n" % ", ".join(map(str, range(200))))
        self.run_ok("sweep", "long.yaml", "--slurm", "--cpus", "1", env=env)
        task = subprocess.Popen(["sh", "long/slurm/job.sh"], cwd=self.dir, stderr=subprocess.DEVNULL,
                                env={**os.environ, **env, "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "3"})
        lease = os.path.join(self.dir, "long/lease")
        while task.poll() is None and not (os.path.isdir(lease) and os.listdir(lease)):
            time.sleep(0.01)
        self.assertIsNone(task.poll())
        task.send_signal(number)
        code = task.wait(120)
        self.assertEqual(os.listdir(lease), [])  # nothing of it is left running
        path = os.path.join(self.dir, "requeued")
        if not os.path.exists(path):
            return code, ""
        with open(path) as f:
            return code, f.read()

    @unittest.skipIf(re.search(r"XGBoost +missing", subprocess.run([PROGRAM, "info"], capture_output=True).stdout.decode()),
                     "no XGBoost")
    def test_a_task_near_its_time_limit_goes_back_into_the_queue(self):
        self.assertEqual(self.run_task(signal.SIGUSR1), (0, "requeue 7_3\n"))
        done = json.loads(self.run_ok("sweep", "status", "long", "--format", "json")[0])[0]["done"]
        self.assertTrue(0 < done < 200, done)

    @unittest.skipIf(re.search(r"XGBoost +missing", subprocess.run([PROGRAM, "info"], capture_output=True).stdout.decode()),
                     "no XGBoost")
    def test_a_preempted_task_ends_and_leaves_the_queue_to_slurm(self):
        self.assertEqual(self.run_task(signal.SIGTERM), (143, ""))


class TestClouds(Case):
    def commands(self):
        with open(os.path.join(CLOUD, "aws-batch.json")) as f:
            yield json.load(f)["containerOverrides"]["command"]
        with open(os.path.join(CLOUD, "kubernetes.yaml")) as f:
            yield json.loads(re.search(r"command: (\[.*\])", f.read()).group(1))
        with open(os.path.join(CLOUD, "skypilot.yaml")) as f:
            yield re.search(r"\S*misstep sweep .*", f.read()).group(0).replace('"', "").split()

    def test_commands_are_known(self):
        for command in self.commands():
            words = ["spec.yaml" if w.endswith(".yaml") else w for w in command[1:]]
            words[words.index("-o") + 1] = "made"
            env = {"SKYPILOT_NODE_RANK": "0", "SKYPILOT_NUM_NODES": "2"}
            self.run_ok(*words, "--dry-run", env=env)

    def test_files_are_yaml(self):
        for name, first in (("kubernetes.yaml", "apiVersion"), ("skypilot.yaml", "name")):
            code, _, err = self.run_it("sweep", os.path.join(CLOUD, name), "--dry-run")
            self.assertEqual(code, 3)
            self.assertIn(first, err)  # read whole, and refused for what it says


if __name__ == "__main__":
    unittest.main()
