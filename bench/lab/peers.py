"""The caches that the lab file replaces, written here from their descriptions: what a Python script does around a model.

json    the article's: {md5 of "query_passage": score} in one JSON file, loaded as a whole and saved as a whole
sqlite  the pattern of id-keyed SQLite caches: one row a (query id, document id), INSERT OR REPLACE, one SELECT a pair

Usage: peers.py json|sqlite FOLDER QUERIES PAIRS; prints "what<TAB>value<TAB>unit".
"""
import hashlib
import json
import math
import os
import resource
import sqlite3
import sys
import time

PAIRS_A_QUERY, BYTES_A_PAIR = 100, 350


def query(q):
    return f"query number {q:07d}: how does it compare to others"


def passage(q, i):
    return f"passage {i:03d} of query {q:07d}, ".ljust(BYTES_A_PAIR - len(query(q)) - 1, "x")


def logit(q, i):
    return math.sin(q * 0.37 + i) * 7


def key(query_text, passage_text):
    return hashlib.md5(f"{query_text}_{passage_text}".encode("utf-8")).hexdigest()


def report(what, value, unit):
    print(f"{what}\t{value:.2f}\t{unit}", flush=True)


kind, folder, queries, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
wanted = [i * queries // (pairs // PAIRS_A_QUERY) for i in range(pairs // PAIRS_A_QUERY)]

if kind == "json":
    path = os.path.join(folder, "rerank_cache.json")
    if not os.path.exists(path):
        with open(path, "w") as file:
            file.write("{")
            for q in range(queries):
                text = query(q)
                part = ", ".join(f'"{key(text, passage(q, i))}": {logit(q, i)!r}' for i in range(PAIRS_A_QUERY))
                file.write((", " if q else "") + part)
            file.write("}")
    texts = [(query(q), [passage(q, i) for i in range(PAIRS_A_QUERY)]) for q in wanted]
    start = time.perf_counter()
    with open(path) as file:
        cache = json.load(file)
    loaded = time.perf_counter()
    report("json: load", loaded - start, "s")
    for name in ("first", "warm"):
        begin, cpu = time.perf_counter(), time.process_time()
        found = [[cache.get(key(q, p)) for p in passages] for q, passages in texts]
        report(f"json: look-up in memory, {name}", pairs / (time.perf_counter() - begin), "pairs/s")
        report(f"json: processor time of it, {name}", (time.process_time() - cpu) * 1e6 / pairs, "µs a pair")
        assert None not in found[0] and None not in found[-1]
        if name == "first":
            report("json: load and look up", pairs / (time.perf_counter() - start), "pairs/s")
    begin = time.perf_counter()
    with open(path + ".saved", "w") as file:
        json.dump(cache, file)
    report("json: save", time.perf_counter() - begin, "s")
    os.remove(path + ".saved")
else:
    path = os.path.join(folder, "id-keyed.sqlite")
    if not os.path.exists(path):
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE scores (qid TEXT, docno TEXT, score REAL, PRIMARY KEY (qid, docno))")
        begin = time.perf_counter()
        for q in range(queries):
            db.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                           [(f"q{q}", f"d{q}-{i}", logit(q, i)) for i in range(PAIRS_A_QUERY)])
        db.commit()
        report("sqlite: insertion", queries * PAIRS_A_QUERY / (time.perf_counter() - begin), "scores/s")
        db.close()
    ids = [(f"q{q}", [f"d{q}-{i}" for i in range(PAIRS_A_QUERY)]) for q in wanted]
    for name in ("first", "warm", "warm"):
        begin = time.perf_counter()
        db = sqlite3.connect(path)
        found = [[db.execute("SELECT score FROM scores WHERE qid = ? AND docno = ?", (q, d)).fetchone() for d in docs] for q, docs in ids]
        report(f"sqlite: look-up by ids, {name}", pairs / (time.perf_counter() - begin), "pairs/s")
        assert None not in found[0] and None not in found[-1]
        db.close()
    report("sqlite: bytes a score", os.path.getsize(path) / (queries * PAIRS_A_QUERY), "bytes")
report(f"{kind}: peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
