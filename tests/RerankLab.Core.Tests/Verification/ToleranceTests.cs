using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Verification;

public sealed class ToleranceTests
{
    [Fact]
    public void The_coarser_the_arithmetic_the_larger_the_tolerance()
    {
        double fp32 = Of("fp32"), fp16 = Of("fp16"), bf16 = Of("bf16");
        Assert.True(fp32 < fp16 && fp16 < bf16);
        Assert.Equal(fp16, Of("int8"));
    }

    [Theory]
    [InlineData("fp32")]
    [InlineData("int8")]
    public void An_approximate_scorer_has_its_own_whatever_its_precision_is_called(string precision)
    {
        var tolerance = Tolerance.DefaultFor(Remembered.Identity(precision, approximate: true));
        Assert.True(tolerance.Logit > Of("fp16"));
        Assert.StartsWith("approximate: ", tolerance.Reason);
    }

    static double Of(string precision) => Tolerance.DefaultFor(Remembered.Identity(precision)).Logit;
}
