namespace RerankLab.Cli;

/// <summary>What rlab exits with, beside 0 (done) and 1 (the user can mend it).</summary>
static class ExitCodes
{
    /// <summary>A check of the user's did not pass.</summary>
    public const int GateFailed = 2;

    /// <summary>Stopped by SIGTERM or the end of a budget; the same command goes on.</summary>
    public const int StoppedEarly = 75;

    /// <summary>Stopped by Ctrl+C; the same command goes on.</summary>
    public const int Interrupted = 130;
}
