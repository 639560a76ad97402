"""Makes run.trec, qrels.txt and, with trec_eval 10 on the path, what it measures on them (all.txt, level2.txt)."""
import random
import subprocess

random.seed(20260101)
documents = [f"d{i}" for i in range(12)] + [f"D{i}" for i in range(4)] + ["文档一", "文档二", "\uff21", "\U0001f642", "\U00020000", "é", "z"]
with open("run.trec", "w", encoding="utf-8") as run, open("qrels.txt", "w", encoding="utf-8") as qrels:
    for n in range(30):
        query = f"问{n}" if n % 5 == 0 else f"q{n}"
        if n % 7 != 3:  # some judged queries have no results
            for rank, document in enumerate(random.sample(documents, random.randint(1, len(documents)))):
                # few distinct scores, so that there are ties; ranks mean nothing
                run.write(f"{query} Q0 {document} {rank} {random.randint(-8, 8) / 4} fixture\n")
        if n % 11 != 5:  # some queries of the run have no judgements
            labels = [-2, -1, 0] if n % 9 == 4 else [-1, 0, 0, 0, 1, 1, 2, 3]  # some have nothing relevant
            for document in random.sample(documents + ["unretrieved1", "unretrieved2"], random.randint(1, 15)):
                qrels.write(f"{query} 0 {document} {random.choice(labels)}\n")
measures = ["ndcg", "ndcg_cut.1,3,5,10,100", "map", "map_cut.1,3,5,10", "P.1,3,5,10,100", "recall.1,3,5,10,100", "recip_rank", "success.1,3,10"]
for name, options in (("all.txt", []), ("level2.txt", ["-l2"])):
    arguments = [argument for measure in measures for argument in ("-m", measure)]
    result = subprocess.run(["trec_eval", "-q", "-c", *options, *arguments, "qrels.txt", "run.trec"], capture_output=True, check=True)
    open(name, "wb").write(result.stdout)
