using System.Runtime.InteropServices;
using Cocona.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RerankLab.Cli;

/// <summary>
/// What stops work early, while it exists. Ctrl+C, SIGTERM or the end of a budget asks it to stop at the next good moment; Ctrl+C after
/// that ends the process at once.
/// </summary>
sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration _interrupt, _terminate;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Ask(signal, ExitCodes.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Ask(signal, ExitCodes.StoppedEarly));
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>What the process then exits with.</summary>
    public int ExitCode { get; private set; } = ExitCodes.StoppedEarly;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    /// <summary>Asks the work to stop when so much time has passed from now; a timer's longest time is some weeks.</summary>
    public void After(TimeSpan time) =>
        _stop.CancelAfter(TimeSpan.FromMilliseconds(Math.Clamp(time.TotalMilliseconds, 0, int.MaxValue)));

    /// <summary>Keeps the host from ending the process on a signal before the work has stopped.</summary>
    public static void LeaveSignalsTo(CoconaAppBuilder builder) => builder.Services.AddSingleton<IHostLifetime, NoSignals>();

    void Ask(PosixSignalContext signal, int exitCode)
    {
        if (_stop.IsCancellationRequested) return;
        signal.Cancel = true;
        ExitCode = exitCode;
        _stop.Cancel();
    }

    sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
