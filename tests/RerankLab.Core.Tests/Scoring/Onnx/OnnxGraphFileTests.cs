using Google.Protobuf;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class OnnxGraphFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    OnnxGraph Read(OnnxModelWriter graph) => Read(graph.ToBytes());

    OnnxGraph Read(byte[] bytes)
    {
        File.WriteAllBytes(_folder["g.onnx"], bytes);
        return OnnxGraphFile.Read(_folder["g.onnx"]);
    }

    static OnnxModelWriter WithData(params string[] locations)
    {
        var graph = ModelFolder.Sum();
        for (int i = 0; i < locations.Length; i++) graph.External($"w{i}", OnnxType.Float, [1], locations[i], 0, 4);
        return graph;
    }

    /// <summary>A protobuf message of one field.</summary>
    static byte[] Field(int number, byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var stream = new CodedOutputStream(bytes, leaveOpen: true))
        {
            stream.WriteTag(number, WireFormat.WireType.LengthDelimited);
            stream.WriteBytes(ByteString.CopyFrom(content));
        }
        return bytes.ToArray();
    }

    /// <summary>A model whose node stands in a number of subgraphs, one in the other.</summary>
    static byte[] Nested(int subgraphs, string op)
    {
        var node = Field(4, op.Utf8());
        for (int i = 0; i < subgraphs; i++) node = Field(5, Field(6, Field(1, node)));
        return Field(7, Field(1, node));
    }

    [Fact]
    public void Inputs_and_outputs_have_names_types_and_shapes()
    {
        var graph = Read(new OnnxModelWriter { OpsetVersion = 14, ProducerName = "pytorch" }
            .Input("input_ids", OnnxType.Int64, "batch", "sequence")
            .Input("flag", OnnxType.Bool)
            .Output("logits", OnnxType.Float16, "batch", 2)
            .Output("any", OnnxType.Double, "", -1, 0));
        Assert.Equal(["input_ids [batch, sequence]", "flag []"], graph.Inputs.Select(i => $"{i}"));
        Assert.Equal(["int64", "bool"], graph.Inputs.Select(i => i.Type));
        Assert.Equal(["logits [batch, 2]", "any [?, ?, ?]"], graph.Outputs.Select(o => $"{o}"));
        Assert.Equal(["float16", "double"], graph.Outputs.Select(o => o.Type));
        Assert.Equal((14, "pytorch", false), (graph.Opset, graph.Producer, graph.IsDynamicallyQuantised));
    }

    [Fact]
    public void A_value_without_a_shape_has_none()
    {
        // ValueInfoProto: name, and a tensor type of int64 (field 1 of type 7).
        var graph = Read(Field(7, Field(11, [.. Field(1, "x".Utf8()), .. Field(2, Field(1, [0x08, 0x07]))])));
        var input = Assert.Single(graph.Inputs);
        Assert.Equal(("x", "int64", null), (input.ToString(), input.Type, input.Shape));
        // Field 4 of TypeProto is a sequence.
        Assert.Equal("unknown", Assert.Single(Read(Field(7, Field(11, Field(2, Field(4, []))))).Inputs).Type);
    }

    [Fact]
    public void Weights_that_old_files_list_as_inputs_are_none()
    {
        var graph = new OnnxModelWriter();
        graph.Initializer("w", [1], [1L]);
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Input("w", OnnxType.Int64, 1);
        Assert.Equal("input_ids", Assert.Single(Read(graph).Inputs).Name);
    }

    [Theory]
    [InlineData("DynamicQuantizeLinear", true)]
    [InlineData("DynamicQuantizeMatMul", true)]
    [InlineData("MatMulInteger", true)]
    [InlineData("MatMulNBits", false)]
    [InlineData("QuantizeLinear", false)]
    public void Dynamic_quantisation_is_seen_in_subgraphs_too(string op, bool dynamic)
    {
        Assert.Equal(dynamic, Read(Nested(0, op)).IsDynamicallyQuantised);
        Assert.Equal(dynamic, Read(Nested(3, op)).IsDynamicallyQuantised);
        // Field 25 is a function of the model's own, field 7 of that a node.
        Assert.Equal(dynamic, Read([.. Field(25, Field(7, Field(4, op.Utf8()))), .. Nested(0, "Add")]).IsDynamicallyQuantised);
    }

    [Fact]
    public void Inputs_of_subgraphs_are_not_the_models()
    {
        var subgraph = Field(11, Field(1, "inner".Utf8()));
        Assert.Empty(Read(Field(7, Field(1, Field(5, Field(6, subgraph))))).Inputs);
    }

    [Fact]
    public void Nesting_that_protobuf_refuses_is_refused()
    {
        Assert.True(Read(Nested(32, "MatMulInteger")).IsDynamicallyQuantised);
        var error = Assert.Throws<InvalidDataException>(() => Read(Nested(33, "MatMulInteger")));
        Assert.Equal("g.onnx is not a whole ONNX file: it is nested deeper than 100 messages", error.Message);
        Assert.Throws<InvalidDataException>(() => Read(Nested(2_000, "MatMulInteger")));
    }

    [Fact]
    public void A_name_as_long_as_a_file_is_not_read_into_memory() =>
        Assert.EndsWith("a name is too long", Assert.Throws<InvalidDataException>(() => Read(Nested(0, new string('x', 1 << 17)))).Message);

    [Fact]
    public void Weights_are_not_read()
    {
        // 4 GiB that are not on the disk: a sparse file.
        using (var file = File.Create(_folder["big.onnx"]))
        {
            byte[] lengthOfRaw = [0x4A, 0x80, 0x80, 0x80, 0x80, 0x10], lengthOfTensor = [0x2A, 0x86, 0x80, 0x80, 0x80, 0x10], lengthOfGraph = [0x3A, 0x8C, 0x80, 0x80, 0x80, 0x10];
            file.Write([.. lengthOfGraph, .. lengthOfTensor, .. lengthOfRaw]);
            file.SetLength(file.Length + (1L << 32));
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(OnnxGraphFile.Read(_folder["big.onnx"]).Inputs);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void External_data_files_are_named_once_in_the_order_met()
    {
        Assert.Equal(["b.bin", "a.bin", "sub/c.bin"], Read(WithData("b.bin", "a.bin", "b.bin", "sub/c.bin")).DataFiles);
        Assert.Empty(Read(ModelFolder.Sum()).DataFiles);
    }

    [Fact]
    public void The_real_graph_of_bge_is_read()
    {
        var graph = OnnxGraphFile.Read(Path.Combine(Repository.Shared("models", "bge-reranker-v2-m3-graph-only"), "model.onnx"));
        Assert.Equal(["model.onnx_data"], graph.DataFiles);
        Assert.Equal(["input_ids int64", "attention_mask int64"], graph.Inputs.Select(i => $"{i.Name} {i.Type}"));
        Assert.Equal("logits", Assert.Single(graph.Outputs).Name);
        Assert.False(graph.IsDynamicallyQuantised);
    }

    [Fact]
    public void The_real_cross_encoder_is_read()
    {
        var graph = OnnxGraphFile.Read(Path.Combine(Repository.Shared("models", "minilm-scifact-cross-encoder"), "onnx", "model.onnx"));
        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], graph.Inputs.Select(i => i.Name));
        Assert.Equal("float", Assert.Single(graph.Outputs).Type);
        Assert.Equal(["1"], Assert.Single(graph.Outputs).Shape!.Skip(1));
    }

    [Fact]
    public void A_graph_that_is_cut_off_is_refused_wherever_the_cut_is()
    {
        var whole = WithData("w.bin").ToBytes();
        int refused = 0;
        for (int length = 1; length < whole.Length; length++)
            try
            {
                Read(whole[..length]);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("g.onnx is not a whole ONNX file: ", e.Message);
                refused++;
            }
        // A cut between two fields behind the graph cannot be told here: ONNX Runtime refuses it.
        Assert.InRange(whole.Length - 1 - refused, 0, 6);
    }

    [Fact]
    public void Damaged_graphs_are_the_users_problem_and_nothing_else()
    {
        var whole = WithData("w.bin").ToBytes();
        var random = new Random(17);
        int refused = 0;
        for (int i = 0; i < 1_000; i++)
        {
            byte[] damaged = [.. whole];
            for (int n = random.Next(1, 12), at = random.Next(damaged.Length); n > 0 && at < damaged.Length; n--, at++)
                damaged[at] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            try
            {
                Read(damaged);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.True(refused > 100, $"{refused}");
    }
}
