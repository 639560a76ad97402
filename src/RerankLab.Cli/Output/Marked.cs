namespace RerankLab.Cli.Output;

/// <summary>A number with superscripts.</summary>
readonly record struct Marked(double Number, string Marks)
{
    const string Letters = "abcdefghijklmnopqrstuvwxyz", Raised = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖᑫʳˢᵗᵘᵛʷˣʸᶻ";

    /// <summary>As plain text.</summary>
    public override string ToString() =>
        Listing.Shown(Number) + string.Concat(Marks.Select(m => Letters.IndexOf(m) is >= 0 and var letter ? Raised[letter] : m));

    /// <summary>The mark of the n-th of several runs: a to z, then aa, ab, …</summary>
    public static string Mark(int ordinal) =>
        ordinal < Letters.Length ? $"{Letters[ordinal]}" : Mark(ordinal / Letters.Length - 1) + Letters[ordinal % Letters.Length];

    /// <summary>Marks together: separated where there are too many runs for one letter each.</summary>
    public static string Join(IEnumerable<int> ordinals, int runs) =>
        string.Join(runs > Letters.Length ? "," : "", ordinals.Select(Mark));
}
