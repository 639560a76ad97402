namespace RerankLab.Cli.Output;

/// <summary>A number that is shown with all its digits where others are rounded: what somebody else said.</summary>
readonly record struct Unrounded(double Number)
{
    /// <summary>For a cell that may be empty.</summary>
    public static object? Of(double? number) => number is { } known ? new Unrounded(known) : null;

    public override string ToString() => $"{Number}";
}
