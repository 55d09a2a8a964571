#!/usr/bin/env python3
"""misstep sweep --slurm on a private cluster: two nodes, one of them lost in the middle, or all tasks preempted.

usage: sweep_slurm.py PROGRAM     (run by ctest as root; skips with 77 where Slurm's programs are not installed)
"""
import json
import os
import sys
import unittest

import slurm_cluster

PROGRAM = os.path.abspath(sys.argv.pop(1))
SPEC = """data: rows.csv
parameters: {preset: {value: notebook}, max_depth: {values: [2, 3, 4]}, n_estimators: {value: 60}}
rows: [300, 600]
seeds: [0, 1, 2]
"""


class TestSlurm(slurm_cluster.SlurmCase):
    program = PROGRAM

    def setUp(self):
        super().setUp()
        with open(os.path.join(self.dir, "spec.yaml"), "w") as f:
            f.write(SPEC)

    def n_done(self):
        return json.loads(self.run_ok("sweep", "status", "spec", "--format", "json")[0])[0]["done"]

    def results(self, folder):
        rows = self.run_ok("sweep", "results", folder, "--format", "csv")[0].splitlines()
        return [row.split(",")[:-4] for row in rows]  # without seconds, cpu_seconds, joules and error

    def submit(self):
        """An array on both nodes that is not done yet."""
        self.run_ok("sweep", "spec.yaml", "--slurm", "--array", "2", "--cpus", "1")
        slurm_cluster.wait_until("cells of both nodes", 120, lambda: len(os.listdir(self.dir + "/spec/ledger")) >= 2
                                 and self.n_done() >= 2)
        self.assertLess(self.n_done(), 18)

    def all_is_done_as_alone(self):
        slurm_cluster.wait_until("an empty queue", 240, self.is_over)
        said = ""
        for name in os.listdir(os.path.join(self.dir, "spec/slurm")):
            with open(os.path.join(self.dir, "spec/slurm", name)) as f:
                said += f.read()
        self.assertEqual(self.n_done(), 18, said)
        self.assertIn("nothing is open", self.run_ok("sweep", "spec.yaml", "--slurm")[1])
        self.run_ok("sweep", "spec.yaml", "-o", "alone", "--device", "cpu", "--quiet")
        self.assertEqual(self.results("spec"), self.results("alone"))

    def test_a_lost_node_costs_nothing(self):
        self.submit()
        self.cluster.lose("n2")
        self.cluster.call("scontrol", "update", "nodename=n2", "state=down", "reason=lost")
        self.all_is_done_as_alone()

    def test_preempted_tasks_come_back(self):
        self.submit()
        running = self.cluster.call("squeue", "-h", "-t", "running", "-o", "%i", "-n", "misstep-sweep").split()
        self.assertEqual(len(running), 2)
        for task in running:
            self.cluster.call("scontrol", "requeue", task)
        self.all_is_done_as_alone()


if __name__ == "__main__":
    slurm_cluster.skip_unless_possible()
    unittest.main()
