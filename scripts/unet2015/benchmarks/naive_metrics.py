"""The five metrics, slow and obvious: plain Python, one sentence a line.

Written from the definitions alone and sharing nothing with the fast code.
Slices are indexed [y][x]; curves are lists over the thresholds.
"""

import math
from collections import Counter, deque

import numpy as np

FOUR = ((-1, 0), (0, -1), (1, 0), (0, 1))  # (dx, dy)
EIGHT = (*FOUR, (-1, -1), (1, -1), (-1, 1), (1, 1))


def thresholds(maximum):
    found, t = [], 0.0
    while t <= maximum:
        found.append(t)
        t += 0.1
    return found


def f_score(tp, fp, fn):
    p = 1 if fp == 0 else tp / (tp + fp)
    r = 1 if fn == 0 else tp / (tp + fn)
    return 0 if p + r == 0 else 2 * p * r / (p + r)


def pixels(image):
    """Every (x, y), x outer, y inner."""
    height, width = image.shape
    return [(x, y) for x in range(width) for y in range(height)]


def segment(mask, steps=FOUR):
    """Ids of the connected components, 0 = background."""
    ids, count = np.zeros(mask.shape, int), 0
    for start in pixels(mask):
        if mask[start[::-1]] and not ids[start[::-1]]:
            count += 1
            queue = deque([start])
            ids[start[::-1]] = count
            while queue:
                x, y = queue.popleft()
                for u, v in inside(mask, x, y, steps):
                    if mask[v, u] and not ids[v, u]:
                        ids[v, u] = count
                        queue.append((u, v))
    return ids


def inside(image, x, y, steps):
    """The neighbours of a pixel that lie in the image, in the order of `steps`."""
    height, width = image.shape
    found = [(x + dx, y + dy) for dx, dy in steps]
    return [(u, v) for u, v in found if 0 <= u < width and 0 <= v < height]


def watershed(mask):
    """Flood the membranes of p > t; 0 = line."""
    state = segment(mask).tolist()  # 0 = line, -1 = unvisited, -2 = in the queue
    if not mask.any():
        return np.ones(mask.shape, int)
    for x, y in pixels(mask):
        state[y][x] = state[y][x] or -1
    queue = deque()
    for x, y in pixels(mask):
        near = [state[v][u] for u, v in inside(mask, x, y, FOUR)]
        if state[y][x] == -1 and max(near, default=0) > 0:
            queue.append((x, y))
    for x, y in queue:
        state[y][x] = -2
    flag = False
    while queue:
        x, y = queue.popleft()
        for u, v in inside(mask, x, y, FOUR):
            here, there = state[y][x], state[v][u]
            if there > 0 and (here == -2 or (here == 0 and flag)):
                state[y][x] = there
            elif there > 0 and here > 0 and here != there:
                state[y][x], flag = 0, False
            elif there == 0 and here == -2:
                state[y][x], flag = 0, True
            elif there == -1:
                state[v][u] = -2
                queue.append((u, v))
    return np.array(state)


def overlaps(a, b):
    """Counter of (id in a, id in b) over the pixels with a > 0."""
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    return Counter(pair for pair in pairs if pair[0])


def rand_counts(a, b):
    c = overlaps(a, b)
    rows, columns = Counter(), Counter()
    for (i, j), count in c.items():
        rows[i] += count
        columns[j] += count
    u = columns.pop(0, 0)
    s_a = sum(n**2 for n in rows.values())
    s_b = sum(n**2 for n in columns.values()) + u
    s_ab = sum(n**2 for (_, j), n in c.items() if j) + u
    return s_ab, s_b - s_ab, s_a - s_ab


def information(a, b):
    c = overlaps(a, b)
    n = sum(c.values())
    if n == 0:
        return 0
    rows, columns = Counter(), Counter()
    for (i, j), count in c.items():
        rows[i] += count
        columns[j] += count
    u = columns.pop(0, 0) / n
    h_a = -sum(k / n * math.log(k / n) for k in rows.values())
    h_b = -sum(k / n * math.log(k / n) for k in columns.values()) + u * math.log(n)
    h_ab = -sum(k / n * math.log(k / n) for (_, j), k in c.items() if j)
    h_ab += u * math.log(n)
    return 0 if h_a == 0 or h_b == 0 else 2 * (h_a + h_b - h_ab) / (h_a + h_b)


def pixel_curve(labels, proposal):
    curve = []
    for t in thresholds(1.0):
        truth, proposed = labels > 0, proposal.astype(float) > t
        tp = (truth & proposed).sum()
        fp = (~truth & proposed).sum()
        fn = (truth & ~proposed).sum()
        curve.append(1 - f_score(int(tp), int(fp), int(fn)))
    return curve


def rand_curve(labels, proposal, segment=segment):
    curve = []
    for t in thresholds(1.0):
        total, empty = [0, 0, 0], False
        for label, p in zip(labels, proposal.astype(float), strict=True):
            found = rand_counts(segment(label > t), segment(p > t))
            total = [x + y for x, y in zip(total, found, strict=True)]
            empty |= not (label > t).any()
        curve.append(1 if empty else 1 - f_score(*total))
    return curve


def v_rand_curve(labels, proposal, thin=watershed):
    def score(a, b):
        return f_score(*rand_counts(a, b)) if a.any() else 0

    return mean_curve(labels, proposal, score, thin)


def v_info_curve(labels, proposal, thin=watershed):
    return mean_curve(labels, proposal, information, thin)


def mean_curve(labels, proposal, score, thin):
    curve = []
    for t in thresholds(1.0):
        pairs = zip(labels, proposal.astype(float), strict=True)
        scores = [score(segment(label > t), thin(p > t)) for label, p in pairs]
        curve.append(sum(scores) / len(scores))
    return curve


def is_simple(patch):
    """Whether the centre of a 3 x 3 patch of 0 and 1 is simple."""
    foreground, background = patch > 0, patch == 0
    foreground[1, 1] = background[1, 1] = False
    ids = segment(foreground)
    touching = {ids[0, 1], ids[1, 0], ids[1, 2], ids[2, 1]} - {0}
    return len(touching) == 1 and segment(background, EIGHT).max() == 1


def warp(label, p, t):
    """Warp a slice; also return the mismatches (x, y) that remain."""
    s, target = np.pad(label > 0, 1), np.pad(p > t, 1)
    while True:
        wrong = [(x, y) for x, y in pixels(s) if s[y, x] != target[y, x]]
        wrong.sort(key=lambda q: -np.float32(abs(float(p[q[1] - 1, q[0] - 1]) - t)))
        flipped = False
        for x, y in wrong:
            if is_simple(s[y - 1 : y + 2, x - 1 : x + 2]):
                s[y, x] = not s[y, x]
                flipped = True
        if not flipped:
            return s[1:-1, 1:-1], [(x - 1, y - 1) for x, y in wrong]


def kind(s, ids, x, y):
    """Classify a remaining mismatch: "split", "merge" or None (ignored)."""
    distinct = {ids[v, u] for u, v in inside(ids, x, y, EIGHT)}
    if len(distinct) == 1:
        return None
    if len(distinct) > 2:
        return "split" if s[y, x] else "merge"
    if not s[y, x]:
        return None
    cleared = s.copy()
    cleared[y, x] = False
    if min(s.shape) >= 20:
        cleared = np.pad(cleared, 20)[y : y + 41, x : x + 41]
        x = y = 20
    again = segment(cleared)
    around = {again[v, u] for u, v in inside(again, x, y, EIGHT)}
    return "split" if len(around) > 2 else None


def warping_curve(labels, proposal):
    curve = []
    for t in thresholds(0.9):
        errors = 0
        for label, p in zip(labels, proposal.astype(float), strict=True):
            s, wrong = warp(label, p, t)
            ids = segment(s)
            errors += sum(kind(s, ids, x, y) is not None for x, y in wrong)
        curve.append(errors / labels.size)
    return curve


CURVES = {
    "pixel_error": pixel_curve,
    "rand_error": rand_curve,
    "warping_error": warping_curve,
    "v_rand": v_rand_curve,
    "v_info": v_info_curve,
}
