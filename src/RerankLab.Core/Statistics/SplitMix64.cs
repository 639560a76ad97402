namespace RerankLab.Core.Statistics;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): a counter and a mixing
/// function, so that the n-th resample has the same numbers on every machine, whichever thread draws it.
/// </summary>
struct SplitMix64(ulong state)
{
    /// <summary>The seed of every statistic that draws numbers.</summary>
    public const ulong DefaultSeed = 42;

    ulong _state = state;

    /// <summary>The stream of numbers of one resample.</summary>
    public static SplitMix64 Stream(ulong seed, int resample) => new(Mix(Mix(seed) + (ulong)resample));

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
