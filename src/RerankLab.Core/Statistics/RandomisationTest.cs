namespace RerankLab.Core.Statistics;

/// <summary>
/// Fisher's paired randomisation test, two-sided, on the mean difference (Smucker, Allan and Carterette 2007, "A
/// comparison of statistical significance tests for information retrieval evaluation"): if the runs were alike, each
/// query's difference could as well have had the other sign. Up to <see cref="ExactUpTo"/> differences that are not 0 all
/// signs are enumerated; beyond, signs are drawn m times and p = (b+1)/(m+1), b being the draws at least as far from 0 as
/// what was observed (Davison and Hinkley 1997, "Bootstrap methods and their application", 4.2.5).
/// </summary>
public static class RandomisationTest
{
    public const int ExactUpTo = 20;
    public const int DefaultResamples = 100_000;

    /// <summary>Sums that differ by less than this share of the sum of absolute differences are taken as equal.</summary>
    const double Rounding = 1e-12;

    /// <summary>Differences whose signs one random number holds, and those of them that one table holds.</summary>
    const int InWord = 64, InTable = 8, TableSize = 1 << InTable;

    /// <summary>Resamples that are added up together, so that their sums stay in the processor's cache.</summary>
    const int Block = 4096;

    /// <summary>
    /// The probability of a mean difference at least this far from 0 under random signs; null without differences.
    /// </summary>
    public static double? PValue(
        IReadOnlyList<double> differences, ulong seed = SplitMix64.DefaultSeed, int resamples = DefaultResamples)
    {
        if (differences.Count == 0) return null;
        var nonzero = differences.Where(d => d != 0).ToArray();
        double threshold = Math.Abs(nonzero.Sum()) - Rounding * nonzero.Sum(Math.Abs);
        return nonzero.Length <= ExactUpTo
            ? ShareOfAllSigns(nonzero, threshold)
            : (CountOfDrawnSigns(nonzero, threshold, seed, resamples) + 1.0) / (resamples + 1.0);
    }

    static double ShareOfAllSigns(double[] differences, double threshold)
    {
        int half = differences.Length / 2;
        var (first, second) = (new double[1 << half], new double[1 << (differences.Length - half)]);
        SignedSums(differences.AsSpan(0, half), first);
        SignedSums(differences.AsSpan(half), second);
        long extreme = 0;
        foreach (var a in first)
            foreach (var b in second)
                if (Math.Abs(a + b) >= threshold) extreme++;
        return (double)extreme / (1L << differences.Length);
    }

    /// <summary>
    /// Draws sign after sign would be slow: the sums of eight differences under all their signs stand in a table of 256, and
    /// a byte of a random number looks one up.
    /// </summary>
    static int CountOfDrawnSigns(double[] differences, double threshold, ulong seed, int resamples)
    {
        var padded = new double[(differences.Length + InWord - 1) / InWord * InWord];
        differences.CopyTo(padded, 0);
        var tables = new double[InWord / InTable * TableSize];
        var (sums, streams) = (new double[Block], new SplitMix64[Block]);
        int extreme = 0;
        for (int from = 0; from < resamples; from += Block)
        {
            int count = Math.Min(Block, resamples - from);
            for (int r = 0; r < count; r++) (sums[r], streams[r]) = (0, SplitMix64.Stream(seed, from + r));
            for (int d = 0; d < padded.Length; d += InWord)
            {
                for (int table = 0; table < InWord / InTable; table++)
                    SignedSums(padded.AsSpan(d + table * InTable, InTable), tables.AsSpan(table * TableSize, TableSize));
                for (int r = 0; r < count; r++) sums[r] += LookUp(tables, streams[r].Next());
            }
            for (int r = 0; r < count; r++)
                if (Math.Abs(sums[r]) >= threshold) extreme++;
        }
        return extreme;
    }

    /// <summary>The sum of 64 differences under the signs that a number's bits are.</summary>
    static double LookUp(ReadOnlySpan<double> tables, ulong signs) =>
        tables[(byte)signs] + tables[TableSize + (byte)(signs >> 8)] +
        (tables[2 * TableSize + (byte)(signs >> 16)] + tables[3 * TableSize + (byte)(signs >> 24)]) +
        (tables[4 * TableSize + (byte)(signs >> 32)] + tables[5 * TableSize + (byte)(signs >> 40)] +
         (tables[6 * TableSize + (byte)(signs >> 48)] + tables[7 * TableSize + (byte)(signs >> 56)]));

    /// <summary>The sums of differences under all signs: where bit i of the index is set the i-th counts positive.</summary>
    static void SignedSums(ReadOnlySpan<double> differences, Span<double> sums)
    {
        sums[0] = 0;
        foreach (var difference in differences) sums[0] -= difference;
        for (int i = 0; i < differences.Length; i++)
            for (int rest = 0; rest < 1 << i; rest++)
                sums[(1 << i) + rest] = sums[rest] + 2 * differences[i];
    }
}
