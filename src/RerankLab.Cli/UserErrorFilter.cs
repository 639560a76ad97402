using System.Data.Common;
using Cocona.Command.Binder;
using Cocona.Filters;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Store;

namespace RerankLab.Cli;

/// <summary>Turns what went wrong into <c>error:</c> and <c>hint:</c> lines and exit code 1; <c>--verbose</c> adds the stack trace.</summary>
sealed class UserErrorFilter : CommandFilterAttribute
{
    public override async ValueTask<int> OnCommandExecutionAsync(CoconaCommandExecutingContext ctx, CommandExecutionDelegate next)
    {
        try
        {
            return await next(ctx);
        }
        catch (Exception e) when (e is not ParameterBinderException)
        {
            Talk.Error(Explain(e));
            if (ctx.ParsedCommandLine.Options.Any(o => o.Option.Name == "verbose")) Console.Error.WriteLine(e);
            return 1;
        }
    }

    static UserError Explain(Exception e) => e switch
    {
        UserError error => error,
        AggregateException { InnerExceptions: [var inner, ..] } => Explain(inner),
        // Where a thread cannot be started: no memory for its stack.
        TaskSchedulerException { InnerException: { } inner } => Explain(inner),
        DbException failure when LabFile.Explain(failure, "the lab file") is { } explained => explained,
        OutOfMemoryException => new UserError("this machine has no memory left for rlab; what was scored is kept",
            "end other programs, or raise the limit that this process runs under; the same command goes on from here"),
        IOException or UnauthorizedAccessException => new UserError(e.Message),
        _ => new UserError($"rlab failed: {e.Message} ({e.GetType().Name})", "this is a defect of rlab; please report it with what --verbose prints"),
    };
}
