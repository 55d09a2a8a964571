#!/usr/bin/env python3
"""misstep train --workers under srun on a private cluster of two nodes: the model of one process; a requeue; a lost node.

usage: train_slurm.py PROGRAM     (run by ctest as root; skips with 77 where Slurm's programs are not installed)
"""
import os
import re
import subprocess
import sys
import unittest

import slurm_cluster

PROGRAM = os.path.abspath(sys.argv.pop(1))
TRAIN = ("train", "rows.csv", "-q", "--device", "cpu", "--subsample", "1", "--early-stopping", "3")
LONG = ("train", "rows.csv", "-q", "--device", "cpu", "--margin", "none", "--subsample", "1", "--n-estimators")


class TestWorkers(slurm_cluster.SlurmCase):
    program = PROGRAM

    def booster(self, model):
        with open(os.path.join(self.dir, model, "booster.ubj"), "rb") as f:
            return f.read()

    def is_boosting(self):
        """Has worker 0 told of a round?"""
        for name in os.listdir(self.dir):
            path = os.path.join(self.dir, name, "run/fit-0/progress")
            if os.path.exists(path) and os.path.getsize(path):
                return True
        return False

    def remains(self):
        return [name for name in os.listdir(self.dir) if name.startswith((".misstep-", "m"))]

    def srun(self, *args):
        process = subprocess.Popen(["srun", "--nodes=2", "--ntasks=2", PROGRAM, *args, "--workers", "2"], cwd=self.dir,
                                   env=self.cluster.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def has_ended(self, job):
        """While it is requeued a job may be in no queue for a moment."""
        self.is_over()
        return re.search("JobState=(COMPLETED|FAILED|CANCELLED|NODE_FAIL)", self.cluster.call("scontrol", "show", "job", job))

    def test_two_nodes_give_the_model_of_one_process(self):
        self.run_ok(*TRAIN, "-o", "alone")
        process = self.srun(*TRAIN, "-o", "model")
        said = process.communicate(timeout=240)[1]
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(self.booster("alone"), self.booster("model"))
        self.assertEqual(self.remains(), ["model"])

    def test_a_lost_node_leaves_nothing(self):
        process = self.srun(*LONG, "100000", "-o", "model")
        slurm_cluster.wait_until("rounds", 120, self.is_boosting)
        self.cluster.lose("n2")
        said = process.communicate(timeout=240)[1]
        self.assertNotEqual(process.returncode, 0, said)
        slurm_cluster.wait_until("no remains: " + said, 60, lambda: not self.remains())

    def test_a_requeued_job_gives_the_same(self):
        self.run_ok(*LONG, "1500", "-o", "alone")
        command = "exec srun %s %s -o model --workers 2" % (PROGRAM, " ".join((*LONG, "1500")))
        job = self.cluster.call("sbatch", "--parsable", "--nodes=2", "--ntasks=2", "--requeue", "--chdir=" + self.dir,
                                "--output=out", "--open-mode=append", "--wrap=" + command).strip()
        slurm_cluster.wait_until("rounds", 120, self.is_boosting)
        self.cluster.call("scontrol", "requeue", job)
        slurm_cluster.wait_until("the job's end", 240, lambda: self.has_ended(job))
        with open(os.path.join(self.dir, "out")) as f:
            said = f.read()
        self.assertIn("model", self.remains(), said)
        self.assertEqual(self.booster("alone"), self.booster("model"))
        self.assertEqual(self.remains(), ["model"])


if __name__ == "__main__":
    slurm_cluster.skip_unless_possible()
    unittest.main()
