using System.Text;
using CliWrap;

namespace RerankLab.Cli.Tests;

/// <summary>A process of rlab under way.</summary>
sealed class RunningRlab(CommandTask<CommandResult> task, StringBuilder stdout, StringBuilder stderr)
{
    public bool HasEnded => task.Task.IsCompleted;

    /// <summary>Waits until something is so; the process must not end before.</summary>
    public async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            Assert.False(HasEnded, $"rlab ended too early: {stdout}{stderr}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends a signal (INT, TERM, KILL) and waits for the end.</summary>
    public async Task<RlabResult> End(string signal)
    {
        await CliWrap.Cli.Wrap("kill").WithArguments(["-s", signal, $"{task.ProcessId}"])
            .ExecuteAsync(TestContext.Current.CancellationToken);
        var result = await task;
        return new RlabResult(result.ExitCode, stdout.ToString(), stderr.ToString());
    }
}
