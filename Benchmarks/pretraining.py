"""Short runs of `hone pretrain` on the ranks of a network."""
import json
import os
import pathlib
import shutil
import tempfile

from network import Network, run


class Pretraining:
    """What all runs of a script have alike: the command, text, a tokenizer, and a folder that is gone at the end.

    with Pretraining(arguments) as pretraining:
        seconds, loss = pretraining(Network(2, rate=1000), depth=4)
    """

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--hone", required=True, type=pathlib.Path, help="built with the trait MPI")
        parser.add_argument("--corpus", type=pathlib.Path, help="text to train on; the pages of Documentation unless given")
        parser.add_argument("--batch", type=int, default=8, help="windows of 256 tokens in a step")

    def __init__(self, arguments):
        if os.geteuid():
            raise SystemExit("network namespaces need root")
        self.hone, self.corpus, self.batch = arguments.hone.resolve(), arguments.corpus, arguments.batch

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.place.name)
        self.tokenizer, self.output = folder / "tokenizer.json", folder / "output"
        if not self.corpus:
            self.corpus = folder / "pages"
            self.corpus.mkdir()
            for page in (pathlib.Path(__file__).parent.parent / "Documentation").glob("*.md"):
                shutil.copy(page, self.corpus)
        run(self.hone, "tokenizer", "train", self.corpus, "--vocabulary-size", "2048", "--output", self.tokenizer)
        return self

    def __exit__(self, *_):
        self.place.cleanup()

    def __call__(self, network, **options):
        """Trains, with a part of each step for each rank: the seconds of each step but the first two, and the last loss."""
        shutil.rmtree(self.output, ignore_errors=True)
        words = [self.hone, "pretrain", "--corpus", self.corpus, "--tokenizer", self.tokenizer, "--output", self.output]
        words += ["--batch", self.batch, "--accumulation", len(network.names)]
        # Nothing between steps.
        words += ["--evaluate-every", 1000, "--checkpoint-every", 1000]
        for name, value in options.items():
            if value is not False:
                words += [f"--{name.replace('_', '-')}", *([] if value is True else [value])]
        with network:
            run(*network.command(words))
        lines = [json.loads(line) for line in (self.output / "metrics.jsonl").read_text().splitlines()]
        ends = [line["seconds"] for line in lines]
        return [b - a for a, b in zip(ends[1:], ends[2:])], lines[-1]["loss"]

    def arrays(self):
        """The names, shapes and bytes of the weights of the last run, in the order in which the model visits them."""
        data = (self.output / "model.safetensors").read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        header.pop("__metadata__", None)
        arrays = sorted((*entry["data_offsets"], name, entry["shape"]) for name, entry in header.items())
        return {name: (shape, data[8 + size + begin : 8 + size + end]) for begin, end, name, shape in arrays}
