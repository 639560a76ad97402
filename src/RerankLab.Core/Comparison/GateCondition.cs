using System.Globalization;
using System.Text.RegularExpressions;
using RerankLab.Core.Measures;

namespace RerankLab.Core.Comparison;

/// <summary>A condition on a measure's difference from the baseline: <c>nDCG@10 &lt; -0.005</c>.</summary>
public sealed partial record GateCondition(Measure Measure, string Operator, double Threshold)
{
    /// <summary>Whether a run's difference meets the condition.</summary>
    public bool IsMetBy(double difference) => Operator switch
    {
        "<" => difference < Threshold,
        "<=" => difference <= Threshold,
        ">" => difference > Threshold,
        ">=" => difference >= Threshold,
        _ => throw new InvalidOperationException($"no operator '{Operator}'"),
    };

    public override string ToString() => $"{Measure} {Operator} {Threshold.ToString(CultureInfo.InvariantCulture)}";

    /// <exception cref="FormatException">This is no condition, or there is no such measure.</exception>
    public static GateCondition Parse(string text)
    {
        var match = Notation().Match(text);
        return match.Success
            ? new GateCondition(Measure.Parse(match.Groups["measure"].Value), match.Groups["operator"].Value,
                double.Parse(match.Groups["threshold"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture))
            : throw new FormatException(
                $"expected a measure, one of < <= > >= and a number, as in \"nDCG@10 < -0.005\", found '{text}'");
    }

    [GeneratedRegex(@"^\s*(?<measure>[^<>]*[^<>\s])\s*(?<operator><=|>=|<|>)\s*" +
                    @"(?<threshold>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Notation();
}
