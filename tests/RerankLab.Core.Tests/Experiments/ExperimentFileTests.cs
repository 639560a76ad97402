using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Experiments;

public sealed class ExperimentFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    const string Minimal = "dataset:\n  candidates: dev.jsonl\nscorer:\n  model: models/gte\n";

    ExperimentSpec? Read(string text, params string[] overrides) =>
        ExperimentFile.Read(_folder.File("exp.yaml", text), overrides, _problems);

    string[] ProblemsOf(string text, params string[] overrides)
    {
        Read(text, overrides);
        return _problems.Shown();
    }

    [Fact]
    public void Every_key_is_read()
    {
        const string text = """
            name: gte-512
            dataset:
              queries: data/queries.tsv
              corpus: data/corpus.jsonl.gz
              run: data/bm25.trec
              qrels: /abs/qrels.txt
              depth: 100
            scorer:
              model: models/gte/
              precision: fp16
              max_length: 512
              truncation: only_second
              fingerprint: 0a1b2c
            ranking:
              activation: none
            measures: [nDCG@10, "MRR@10", recall_100]
            cost: { price_per_hour: 2.40, currency: CNY }
            tags: [dev, 中文]
            lab: ../lab.db
            run:
              device: cuda:1
              batch_tokens: 4096
            """;
        var spec = Read(text)!;

        Assert.Empty(_problems.Shown());
        Assert.Equal("gte-512", spec.Name);
        Assert.Equal(text, spec.Text);
        var dataset = Assert.IsType<CollectionSpec>(spec.Dataset);
        Assert.Equal(
            [_folder["data/queries.tsv"], _folder["data/corpus.jsonl.gz"], _folder["data/bm25.trec"], "/abs/qrels.txt"],
            dataset.Files.Select(f => f.File.FullPath));
        Assert.Equal(("exp.yaml", 4L, "dataset.corpus"), dataset.Corpus.NamedAt);
        Assert.Equal(100, dataset.Depth);
        Assert.Equal("gte", spec.Scorer.Name);
        Assert.Equal(("fp16", 512, Truncation.OnlySecond, "0a1b2c"),
            (spec.Scorer.Precision, spec.Scorer.MaxLength, spec.Scorer.Truncation, spec.Scorer.Fingerprint));
        Assert.Equal(Activation.None, spec.Activation);
        Assert.Equal([new NDcg(10), new ReciprocalRank(10, 1), new Recall(100, 1)], spec.Measures);
        Assert.Equal(new CostRate(2.4, "CNY"), spec.Cost);
        Assert.Equal(["dev", "中文"], spec.Tags);
        Assert.Equal(Path.GetFullPath(_folder["../lab.db"]), spec.Lab);
        Assert.Equal(("cuda:1", 1), (spec.Execution.Device.Name, spec.Execution.Device.CudaDevice));
        Assert.Equal(4096, spec.Batching.BatchTokens);
    }

    [Fact]
    public void What_is_left_out_has_a_default()
    {
        var spec = Read(Minimal)!;
        Assert.Empty(_problems.Shown());
        Assert.Equal("exp", spec.Name);
        Assert.Null(spec.Dataset.Qrels);
        Assert.Null(spec.Dataset.Depth);
        Assert.Equal(("fp32", null, Truncation.LongestFirst, null),
            (spec.Scorer.Precision, spec.Scorer.MaxLength, spec.Scorer.Truncation, spec.Scorer.Fingerprint));
        Assert.Equal(Activation.Sigmoid, spec.Activation);
        Assert.Equal([new NDcg(10), new ReciprocalRank(10, 1)], spec.Measures);
        Assert.Null(spec.Cost);
        Assert.Empty(spec.Tags);
        Assert.Null(spec.Lab);
        Assert.Same(ExecutionDevice.Auto, spec.Execution.Device);
        Assert.Null(spec.Batching.BatchTokens);
    }

    [Fact]
    public void Pairs_are_taken_with_and_without_a_run()
    {
        var plain = Assert.IsType<PairsSpec>(Read("dataset: {pairs: top.tsv}\nscorer: {model: m}")!.Dataset);
        Assert.Null(plain.Run);
        var ordered = Assert.IsType<PairsSpec>(Read("dataset: {pairs: top.tsv, run: bm25.trec, depth: 10}\nscorer: {model: m}")!.Dataset);
        Assert.Equal(_folder["bm25.trec"], ordered.Run!.FullPath);
        Assert.Equal(10, ordered.Depth);
        Assert.Empty(_problems.Shown());
    }

    [Fact]
    public void Depth_of_pairs_without_a_run_is_refused_where_it_stands() => Assert.Equal(
        ["exp.yaml:3: dataset.depth: the order of dataset.pairs means nothing: name the first stage's run as dataset.run, or leave depth out"],
        ProblemsOf("dataset:\n  pairs: top.tsv\n  depth: 10\nscorer: {model: m}"));

    [Fact]
    public void Bom_crlf_comments_and_quoted_keys_are_accepted()
    {
        var spec = Read("\uFEFF" + ("# comment\n\"name\": 'x'\n" + Minimal.Replace("model:", "\"model\":"))
            .Replace("\n", "\r\n"));
        Assert.Empty(_problems.Shown());
        Assert.Equal(("x", "gte"), (spec!.Name, spec.Scorer.Name));
    }

    [Fact]
    public void One_measure_or_tag_counts_as_a_list_of_one()
    {
        var spec = Read(Minimal + "measures: AP\ntags: dev\n")!;
        Assert.Equal([new AveragePrecision(null, 1)], spec.Measures);
        Assert.Equal(["dev"], spec.Tags);
    }

    [Fact]
    public void Unknown_keys_are_named_at_every_level_with_their_line_and_what_there_is()
    {
        var shown = ProblemsOf("""
            nmae: x
            dataset:
              candidates: dev.jsonl
              dpeth: 10
            scorer:
              model: m
              max_len: 5
            ranking: { activate: none }
            cost:
              price: 2
            run: { devcie: cpu }
            """);
        Assert.Equal(
        [
            "exp.yaml:4: unknown key 'dataset.dpeth'; expected one of: qrels, depth, candidates, pairs, queries, corpus, run",
            "exp.yaml:7: unknown key 'scorer.max_len'; expected one of: model, precision, max_length, truncation, fingerprint",
            "exp.yaml:8: unknown key 'ranking.activate'; expected one of: activation",
            "exp.yaml:10: unknown key 'cost.price'; expected one of: price_per_hour, currency",
            "exp.yaml:11: unknown key 'run.devcie'; expected one of: device, threads, in_flight, batch_tokens, max_batch, cuda_plugin, cuda",
            "exp.yaml:1: unknown key 'nmae'; expected one of: name, dataset, scorer, ranking, measures, cost, tags, lab, run",
        ], shown);
    }

    [Theory]
    [InlineData("name: [a]", "name: expected a value, found a list")]
    [InlineData("name:", "name: expected a value, found nothing")]
    [InlineData("lab: {a: 1}", "lab: expected a value, found a mapping")]
    [InlineData("tags:", "tags: expected a list of single values, found nothing")]
    [InlineData("tags: [[a]]", "tags: expected a list of single values, found a list")]
    [InlineData("measures: [nDCG@10, Speed]", "measures: unknown measure 'Speed'; there are nDCG@10, RR@10, AP@100, P@10, R@100, " +
        "Success@1, Rprec, Bpref, Judged@10, RBP(p=0.8), ERR@20, SetP, SetR, SetF, NumRet, NumRel, NumRelRet")]
    [InlineData("measures: P", "measures: 'P' needs a cut-off of at least 1, as in P@10")]
    [InlineData("ranking: sigmoid", "ranking: expected keys and values below it, found 'sigmoid'")]
    [InlineData("ranking: {activation: softmax}", "ranking.activation: expected none or sigmoid, found 'softmax'")]
    [InlineData("cost: {price_per_hour: -1}", "cost.price_per_hour: expected a number of at least 0, found '-1'")]
    [InlineData("cost: {price_per_hour: free}", "cost.price_per_hour: expected a number of at least 0, found 'free'")]
    [InlineData("cost: {price_per_hour: Infinity}",
        "cost.price_per_hour: expected a number of at least 0, found 'Infinity'")]
    [InlineData("run: {device: gpu}", "run.device: expected auto, cpu, cuda or cuda:N, found 'gpu'")]
    [InlineData("run: {batch_tokens: 0}", "run.batch_tokens: expected a whole number of at least 1, found '0'")]
    public void A_wrong_value_is_reported_with_its_line(string line, string problem) =>
        Assert.Equal([$"exp.yaml:5: {problem}"], ProblemsOf(Minimal + line + "\n"));

    [Theory]
    [InlineData("max_length: 1e3", "scorer.max_length: expected a whole number of at least 1, found '1e3'")]
    [InlineData("max_length: -5", "scorer.max_length: expected a whole number of at least 1, found '-5'")]
    [InlineData("max_length: 7", "scorer.max_length: expected at least 8 tokens, found 7")]
    [InlineData("max_length: 99999999999",
        "scorer.max_length: expected a whole number of at least 1, found '99999999999'")]
    [InlineData("truncation: only_first",
        "scorer.truncation: expected longest_first or only_second, found 'only_first'")]
    [InlineData("precision: ../fp16",
        "scorer.precision: expected fp32, fp16, int8 or another variant's name, found '../fp16'")]
    public void A_wrong_value_of_the_scorer_is_reported_with_its_line(string line, string problem) =>
        Assert.Equal([$"exp.yaml:5: {problem}"], ProblemsOf($"{Minimal}  {line}\n"));

    [Fact]
    public void Missing_keys_are_named_where_their_section_begins_or_would()
    {
        Assert.Equal(
        [
            "exp.yaml:1: dataset: expected one of: candidates; queries, corpus and run together; pairs (with or without run)",
            "exp.yaml:3: the key scorer.model is missing",
        ], ProblemsOf("name: x\nscorer:\n  max_length: 10\n"));
    }

    [Theory]
    [InlineData("{candidates: a, pairs: b}")]
    [InlineData("{candidates: a, run: b}")]
    [InlineData("{queries: a, corpus: b}")]
    [InlineData("{queries: a, run: b}")]
    [InlineData("{pairs: a, corpus: b}")]
    [InlineData("{qrels: a}")]
    public void Forms_of_datasets_do_not_mix(string dataset) => Assert.Equal(
        ["exp.yaml:2: dataset: expected one of: candidates; queries, corpus and run together; pairs (with or without run)"],
        ProblemsOf($"scorer: {{model: m}}\ndataset: {dataset}\n"));

    [Fact]
    public void A_key_twice_is_refused_with_its_line()
    {
        var shown = Assert.Single(ProblemsOf(Minimal + "name: a\nname: b\n"));
        Assert.StartsWith("exp.yaml:6: broken YAML: ", shown);
        Assert.Contains("uplicate", shown);
    }

    [Theory]
    [InlineData("name: [a\n", "exp.yaml:2: broken YAML: ")]
    [InlineData("name: a\nb: c: d\n", "exp.yaml:2: broken YAML: ")]
    [InlineData("", "exp.yaml: the file is empty; expected an experiment (name, dataset, scorer, …)")]
    [InlineData("# nothing\n", "exp.yaml: the file is empty; expected an experiment (name, dataset, scorer, …)")]
    [InlineData("- a\n- b\n", "exp.yaml: expected one YAML mapping (name, dataset, scorer, …)")]
    [InlineData("a: 1\n---\nb: 2\n", "exp.yaml: expected one YAML mapping (name, dataset, scorer, …)")]
    public void What_is_no_experiment_is_said_so(string text, string problem)
    {
        Assert.Null(Read(text));
        Assert.StartsWith(problem, Assert.Single(_problems.Shown()));
    }

    [Fact]
    public void Invalid_utf8_and_a_missing_file_are_problems()
    {
        Assert.Null(ExperimentFile.Read(_folder.File("exp.yaml", [0x6E, 0xE9]), [], _problems));
        Assert.Null(ExperimentFile.Read(new DataFile("no.yaml", _folder["no.yaml"]), [], _problems));
        Assert.Equal(["exp.yaml: invalid UTF-8; expected UTF-8 text", "no.yaml: file not found"], _problems.Shown());
    }

    [Fact]
    public void Assignments_win_over_the_file_and_make_sections()
    {
        var spec = Read(Minimal + "cost:\n  price_per_hour: 1\n", "scorer.max_length=256", "cost.currency=EUR",
            "run.device=cpu",
            "measures=[AP, RR]", "tags=dev", "name=a=b", "dataset.qrels=q/qrels.txt", "ranking.activation=none")!;
        Assert.Empty(_problems.Shown());
        Assert.Equal(256, spec.Scorer.MaxLength);
        Assert.Equal("gte", spec.Scorer.Name);
        Assert.Equal(new CostRate(1, "EUR"), spec.Cost);
        Assert.Equal("cpu", spec.Execution.Device.Name);
        Assert.Equal([new AveragePrecision(null, 1), new ReciprocalRank(null, 1)], spec.Measures);
        Assert.Equal(["dev"], spec.Tags);
        Assert.Equal("a=b", spec.Name);
        Assert.Equal(_folder["q/qrels.txt"], spec.Dataset.Qrels!.FullPath);
        Assert.Equal(("--set dataset.qrels=q/qrels.txt", null, "dataset.qrels"), spec.Dataset.Qrels.NamedAt);
        Assert.Equal(Activation.None, spec.Activation);
        Assert.Equal(8, spec.Overrides.Count);
    }

    [Fact]
    public void The_last_of_several_assignments_wins() =>
        Assert.Equal(64, Read(Minimal, "scorer.max_length=32", "scorer.max_length=64")!.Scorer.MaxLength);

    [Fact]
    public void An_assignment_mends_a_wrong_value_of_the_file()
    {
        Assert.NotNull(Read(Minimal + "run: { device: tpu }\n", "run.device=cpu"));
        Assert.Empty(_problems.Shown());
    }

    [Theory]
    [InlineData("scorer.max_length=many",
        "--set scorer.max_length=many: scorer.max_length: expected a whole number of at least 1, found 'many'")]
    [InlineData("scorer.max_length=", "--set scorer.max_length=: scorer.max_length: expected a value, found nothing")]
    [InlineData("scorer.max_length=3",
        "--set scorer.max_length=3: scorer.max_length: expected at least 8 tokens, found 3")]
    [InlineData("scorer.max_legnth=3",
        "--set scorer.max_legnth=3: unknown key 'scorer.max_legnth'; expected one of: model, precision, max_length, truncation, fingerprint")]
    [InlineData("speed.up=3",
        "--set speed.up=3: unknown key 'speed'; expected one of: name, dataset, scorer, ranking, measures, cost, tags, lab, run")]
    [InlineData("cost.price_per_hour=[1]",
        "--set cost.price_per_hour=[1]: cost.price_per_hour: expected a value, found a list")]
    [InlineData("cost=[1", "--set cost=[1: cost: expected keys and values below it, found '[1'")]
    [InlineData("measures=[Speed]", "--set measures=[Speed]: measures: unknown measure 'Speed'; there are nDCG@10, RR@10, AP@100, P@10, R@100, " +
        "Success@1, Rprec, Bpref, Judged@10, RBP(p=0.8), ERR@20, SetP, SetR, SetF, NumRet, NumRel, NumRelRet")]
    [InlineData("run.device=tpu", "--set run.device=tpu: run.device: expected auto, cpu, cuda or cuda:N, found 'tpu'")]
    [InlineData("max_length", "--set max_length: expected KEY=VALUE, as in scorer.max_length=256")]
    [InlineData("=5", "--set =5: expected KEY=VALUE, as in scorer.max_length=256")]
    public void A_wrong_assignment_is_named_as_it_was_given(string assignment, string problem) =>
        Assert.Equal([problem], ProblemsOf(Minimal, assignment));

    [Fact]
    public void Everything_wrong_with_the_files_an_experiment_names_is_reported_together()
    {
        _folder.Write("run.trec", "q1 Q0 d1 1 x t\n");
        var file = _folder.File("exp.yaml",
            "dataset:\n  queries: q.tsv\n  corpus: c.jsonl\n  run: run.trec\n  qrels: r.txt\nscorer:\n  model: m\nbogus: 1\n");
        var error = Assert.Throws<UserError>(() =>
            Experiment.Read(file, ["dataset.qrels=other.txt"], new FileHashes(_folder["memo"]), new Stages()));
        var run = Path.GetRelativePath(Environment.CurrentDirectory, _folder["run.trec"]);
        string Missing(string name) =>
            $"file not found: {Path.GetRelativePath(Environment.CurrentDirectory, _folder[name])}";
        Assert.Equal(
        [
            "exp.yaml:8: unknown key 'bogus'; expected one of: name, dataset, scorer, ranking, measures, cost, tags, lab, run",
            $"{run}:1: expected a finite number as score (field 5), found 'x'",
            $"exp.yaml:3: dataset.corpus: {Missing("c.jsonl")}",
            $"exp.yaml:2: dataset.queries: {Missing("q.tsv")}",
            $"--set dataset.qrels=other.txt: dataset.qrels: {Missing("other.txt")}",
        ], error.Problems.Select(p => p.ToString()));
    }

    [Fact]
    public void An_experiment_without_any_candidates_is_refused()
    {
        _folder.Write("dev.jsonl", "{\"query\": \"a\", \"passages\": []}\n");
        var error = Assert.Throws<UserError>(() =>
            Experiment.Read(_folder.File("exp.yaml", Minimal), [], new FileHashes(_folder["memo"]), new Stages()));
        Assert.Equal("exp.yaml: dataset: no query has candidates", error.Message);
    }

    [Fact]
    public void An_experiment_whose_model_is_elsewhere_is_good_and_has_none()
    {
        _folder.Write("dev.jsonl", "{\"query\": \"a\", \"passages\": [{\"id\": \"p\", \"text\": \"t\"}]}\n");
        var stages = new Stages();
        var experiment = Experiment.Read(_folder.File("exp.yaml", Minimal), [], new FileHashes(_folder["memo"]),
            stages);
        Assert.Null(experiment.Model);
        Assert.Single(experiment.Dataset.Candidates);
        Assert.Equal(["read", "fingerprint", "total"], stages.Seconds.Select(s => s.Key));
    }

    [Fact]
    public void The_experiments_of_the_repository_are_good()
    {
        foreach (var name in new[] { "base.yaml", "short.yaml" })
        {
            var path = Path.Combine(Repository.Demo, name);
            var experiment = Experiment.Read(new DataFile(name, path), [], new FileHashes(_folder["memo"]),
                new Stages());
            Assert.Equal(52, experiment.Dataset.Candidates.Count);
            Assert.NotNull(experiment.Model);
        }
    }
}
