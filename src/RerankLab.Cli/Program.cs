using System.Globalization;
using System.Text;
using Cocona;
using Cocona.Application;
using Microsoft.Extensions.DependencyInjection;
using RerankLab.Cli;
using RerankLab.Cli.Commands;
using RerankLab.Cli.Output;

// Numbers and dates are read and written alike on every machine.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Console.IsOutputRedirected) Console.OutputEncoding = new UTF8Encoding(false);

var builder = CoconaApp.CreateBuilder(args, options => options.TreatPublicMethodsAsCommands = false);
Interruption.LeaveSignalsTo(builder);
var console = new CoconaConsole();
builder.Services.AddSingleton<ICoconaConsoleProvider>(console);
var app = builder.Build();
app.UseFilter(new UserErrorFilter());
app.AddCommands<RunCommand>();
app.AddCommands<EvalCommand>();
app.AddCommands<DiffCommand>();
app.AddCommands<RunsCommand>();
app.AddCommands<ShowCommand>();
app.AddCommands<ExportCommand>();
app.AddCommands<ImportCommand>();
app.AddCommands<SqlCommand>();
app.AddCommands<DoctorCommand>();
app.AddSubCommand("submission", submission =>
{
    submission.AddCommands<SubmissionAddCommand>();
    submission.AddCommands<SubmissionListCommand>();
    submission.AddCommands<SubmissionRemoveCommand>();
}).WithDescription("What competitions' boards said of runs that were handed in.");
app.AddSubCommand("cache", cache =>
{
    cache.AddCommands<CacheStatsCommand>();
    cache.AddCommands<CachePackCommand>();
    cache.AddCommands<CacheMergeCommand>();
    cache.AddCommands<CacheImportCommand>();
    cache.AddCommands<CacheExportCommand>();
    cache.AddCommands<CacheVerifyCommand>();
    cache.AddCommands<CacheCheckCommand>();
    cache.AddCommands<CachePruneCommand>();
    cache.AddCommands<CacheCompactCommand>();
}).WithDescription("Look after the score cache.");
app.AddSubCommand("model", model =>
{
    model.AddCommands<ModelPullCommand>();
    model.AddCommands<ModelInspectCommand>();
    model.AddCommands<ModelTokensCommand>();
}).WithDescription("Model folders: download, what they hold, token ids for other programs.");
app.Run();

// Cocona's own code for a wrong command line, and for --help.
return Environment.ExitCode == 129 ? console.HasSaidError ? 1 : 0 : Environment.ExitCode;
