namespace RerankLab.Core.Measures;

/// <summary>
/// What a measure's value can be, depending on the order of tied documents (McSherry and Najork 2008).
/// </summary>
/// <param name="Worst">The value where tied documents stand in the worst order.</param>
/// <param name="Expected">The mean over all orders of tied documents.</param>
/// <param name="Best">The value where tied documents stand in the best order.</param>
public readonly record struct TieRange(double Worst, double Expected, double Best);
