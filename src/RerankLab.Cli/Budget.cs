using System.Globalization;
using System.Text.RegularExpressions;
using RerankLab.Core;
using RerankLab.Core.Experiments;

namespace RerankLab.Cli;

/// <summary>How long a command may take, reading and loading included: on a rented machine all of it is paid.</summary>
/// <param name="Time">The time.</param>
/// <param name="Shown">As the user gave it.</param>
sealed partial record Budget(TimeSpan Time, string Shown)
{
    /// <summary>The smaller of what <c>--budget</c> and <c>--max-cost</c> allow; null where neither is given.</summary>
    /// <param name="time">A time such as 12m.</param>
    /// <param name="cost">An amount in the currency of the experiment's <c>cost:</c>.</param>
    /// <param name="rate">What an hour costs; null where the experiment does not say.</param>
    /// <exception cref="UserError">A value is none, or the experiment has no price.</exception>
    public static Budget? Parse(string? time, string? cost, CostRate? rate)
    {
        var budgets = new[] { time is null ? null : OfTime(time), cost is null ? null : OfCost(cost, rate) };
        return budgets.OfType<Budget>().MinBy(b => b.Time);
    }

    static Budget OfTime(string text)
    {
        var match = TimeText().Match(text);
        double seconds = Part("h") * 3600 + Part("m") * 60 + Part("s");
        return match.Success && text.Length > 0 && seconds is > 0 and < 1e8 ? new Budget(TimeSpan.FromSeconds(seconds), $"--budget {text}")
            : throw new UserError($"--budget: expected a time such as 12m, 1h30m or 90s, found '{text}'");

        double Part(string unit) => match.Groups[unit] is { Success: true } part ? double.Parse(part.Value, CultureInfo.InvariantCulture) : 0;
    }

    static Budget OfCost(string text, CostRate? rate)
    {
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount) || amount <= 0)
            throw new UserError($"--max-cost: expected an amount such as 3.00, found '{text}'");
        if (rate is not { PricePerHour: > 0 })
            throw new UserError("--max-cost: the experiment does not say what an hour costs",
                "add cost: { price_per_hour: 2.40, currency: CNY }, or --set cost.price_per_hour=2.40; or give a time with --budget");
        double hours = Math.Min(amount / rate.PricePerHour, 10_000);
        return new Budget(TimeSpan.FromHours(hours), $"--max-cost {text}{(rate.Currency.Length > 0 ? $" {rate.Currency}" : "")}");
    }

    [GeneratedRegex(@"^(?:(?<h>[0-9]+(?:\.[0-9]+)?)h)?(?:(?<m>[0-9]+(?:\.[0-9]+)?)m)?(?:(?<s>[0-9]+(?:\.[0-9]+)?)s)?$")]
    private static partial Regex TimeText();
}
