using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Verification;

/// <summary>Knows where remembered scores come from.</summary>
public interface IScoreSessions
{
    /// <summary>The session of every score that this scorer gave to these pairs, parallel to the keys; null where there is no score.</summary>
    ScoringSession?[][] SessionsOf(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys);
}

/// <summary>A stretch of scoring that happened: one object a session.</summary>
/// <param name="Uid">Globally unique.</param>
/// <param name="Started">When it began, UTC.</param>
/// <param name="Backend">The device, the provider and their versions.</param>
/// <param name="Machine">What the machine said of itself, as <see cref="Runs.ThisMachine.Describe"/> does.</param>
public sealed record ScoringSession(string Uid, DateTimeOffset Started, ScorerBackend Backend, IReadOnlyDictionary<string, string> Machine)
{
    /// <summary>Facts of a machine that can move a logit's last digits; others (cores, system) are left out.</summary>
    static readonly string[] FactsThatMatter = ["rlab", "architecture", "processor"];

    /// <summary>How its set-up differs from another one: <c>provider (there …, here …)</c>; empty where nothing recorded differs.</summary>
    public IReadOnlyList<string> DifferencesFrom(ScorerBackend here, IReadOnlyDictionary<string, string> hereMachine)
    {
        var (theirs, ours) = (Facts(Backend, Machine), Facts(here, hereMachine));
        return [.. theirs.Keys.Union(ours.Keys)
            .Where(k => theirs.GetValueOrDefault(k) != ours.GetValueOrDefault(k))
            .Select(k => $"{k} (there {theirs.GetValueOrDefault(k) ?? "unknown"}, here {ours.GetValueOrDefault(k) ?? "unknown"})")];
    }

    static Dictionary<string, string> Facts(ScorerBackend backend, IReadOnlyDictionary<string, string> machine)
    {
        var facts = new Dictionary<string, string> { ["device"] = backend.Device, ["provider"] = backend.Provider };
        foreach (var (name, version) in backend.Versions) facts[name] = version;
        foreach (var name in FactsThatMatter)
            if (machine.TryGetValue(name, out var value)) facts[name] = value;
        return facts;
    }
}
