using System.Text;
using Cocona.Application;

namespace RerankLab.Cli.Output;

/// <summary>Where Cocona writes its own messages: with <c>error:</c> spelt as everywhere else, and remembering whether there was one.</summary>
sealed class CoconaConsole : ICoconaConsoleProvider
{
    readonly ErrorWriter _error = new();

    public TextWriter Output => Console.Out;

    public TextWriter Error => _error;

    public bool HasSaidError => _error.HasWritten;

    sealed class ErrorWriter : TextWriter
    {
        const string Spelling = "Error: ";

        public bool HasWritten { get; private set; }

        public override Encoding Encoding => Console.Error.Encoding;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            HasWritten = true;
            Console.Error.Write(value is not null && value.StartsWith(Spelling, StringComparison.Ordinal) ? $"error: {value[Spelling.Length..]}" : value);
        }

        public override void WriteLine(string? value) => Write(value + Environment.NewLine);
    }
}
