namespace RerankLab.Core.Hub;

/// <summary>The network or the hub failed in a way that may pass.</summary>
/// <param name="message">What happened.</param>
/// <param name="inner">What reported it.</param>
/// <param name="retryAfter">How long the hub asks to wait; null where it does not say.</param>
sealed class NetworkInterruption(string message, Exception? inner = null, TimeSpan? retryAfter = null) : Exception(message, inner)
{
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>Tries again what the network interrupts, after pauses that double, until it fails several times without anything new.</summary>
/// <param name="note">Is told of each failure.</param>
public sealed class Retries(Action<string> note)
{
    const int MaxFailures = 5;

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5), LongestPause = TimeSpan.FromMinutes(5);

    /// <param name="what">What is done, for people.</param>
    /// <param name="work">Does it; throws <see cref="NetworkInterruption"/> where it is worth another try.</param>
    /// <param name="stop">Stops the pauses.</param>
    /// <param name="progress">How far the work has come, where it goes on from where it was: failures count from the last progress.</param>
    /// <exception cref="UserError">It failed too often.</exception>
    public async Task<T> Run<T>(string what, Func<Task<T>> work, CancellationToken stop, Func<long>? progress = null)
    {
        long furthest = progress?.Invoke() ?? 0;
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await work();
            }
            catch (NetworkInterruption e)
            {
                if (progress?.Invoke() is { } now && now > furthest) (failures, furthest) = (1, now);
                if (failures == MaxFailures)
                    throw new UserError($"{what}: {e.Message} ({MaxFailures} times in a row)",
                        "what has come is kept: the same command goes on from there");
                var pause = e.RetryAfter ?? FirstPause * (1 << (failures - 1));
                if (pause > LongestPause)
                    throw new UserError($"{what}: {e.Message}; the hub asks to wait for {pause.TotalMinutes:0} minutes",
                        "what has come is kept: the same command goes on from there, later");
                note($"{what}: {e.Message}; trying again in {pause.TotalSeconds:0.#} s");
                await Task.Delay(pause, stop);
            }
        }
    }
}
