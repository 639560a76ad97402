using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>The two consoles: stdout for data, stderr for talk. Colour and movement only on a terminal, and not under NO_COLOR.</summary>
static class Terminal
{
    /// <summary>Wide enough that sentences written to a file are not broken.</summary>
    const int WidthOfFiles = 1000;

    const int WidthOfTables = 10_000;

    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Writes a table as wide as it is: beyond the terminal's edge it wraps, where Spectre would cut its cells, numbers too.</summary>
    public static void WriteWhole(Table table)
    {
        int width = Out.Profile.Width;
        Out.Profile.Width = WidthOfTables;
        Out.Write(table);
        Out.Profile.Width = width;
    }

    /// <summary>
    /// Text without control characters, but for tabs and line ends: names and notes may come from a stranger's file, and would move the
    /// cursor or do worse.
    /// </summary>
    public static string Printable(string text) =>
        text.Any(IsControl) ? string.Concat(text.Select(c => IsControl(c) ? '\uFFFD' : c)) : text;

    static bool IsControl(char c) => char.IsControl(c) && c is not ('\t' or '\n' or '\r');

    static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // Detection looks at stdout alone: a bar on stderr would not move while stdout goes into a file.
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Yes,
        });
        if (redirected) console.Profile.Width = WidthOfFiles;
        return console;
    }
}
