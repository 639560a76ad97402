namespace RerankLab.Core;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    Ok,

    /// <summary>rlab works, but not as one would wish.</summary>
    Warning,

    /// <summary>rlab cannot do its work.</summary>
    Problem,
}

/// <summary>What a check found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do about it; null where nothing is to be done.</param>
public sealed record Finding(string Check, Severity Severity, string Found, string? Remedy = null)
{
    public static Finding Ok(string check, string found) => new(check, Severity.Ok, found);

    public static Finding Warning(string check, string found, string remedy) => new(check, Severity.Warning, found, remedy);

    public static Finding Problem(string check, string found, string? remedy) => new(check, Severity.Problem, found, remedy);

    /// <summary>Every problem of an error; one without a remedy of its own has the error's hint.</summary>
    public static IEnumerable<Finding> Of(string check, UserError error) => error.Problems.Select(p =>
        Problem(check, p.ToString(), p.Remedy ?? error.Hint));
}
