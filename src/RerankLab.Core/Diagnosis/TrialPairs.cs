namespace RerankLab.Core.Diagnosis;

/// <summary>A query with a passage that answers it and one that has nothing to do with it.</summary>
public sealed record TrialPair(string Language, string Query, string Relevant, string Irrelevant);

/// <summary>The handful of pairs that a model is tried on: short and long, in two languages.</summary>
public static class TrialPairs
{
    public static readonly IReadOnlyList<TrialPair> All =
    [
        new("English", "how to prevent a cold",
            "To prevent a cold, wash your hands often and keep away from people who cough.",
            "Platform four is closed; trains for the coast leave from platform nine."),
        new("English", "what is the capital of France",
            "Paris is the capital of France.",
            "Beat two eggs with flour, sugar and some milk."),
        new("English", "why does bread dough not rise",
            "When bread dough does not rise, the yeast is usually to blame: it was too old, or it was killed by water that was too hot. " +
            "Yeast also works slowly in a cold kitchen, and much salt or sugar holds it back. " +
            "Put the dough in a warm place, wait an hour, and look again.",
            "The museum opens at ten on weekdays and at noon on Sundays. " +
            "Tickets are sold at the entrance and online; children under six go in free. " +
            "Large bags must be left in the cloakroom, and photographs may be taken without flash in every room but the last."),
        new("Chinese", "如何预防感冒",
            "预防感冒要勤洗手，多休息，少去人多的地方。",
            "四号站台已经关闭，开往海边的火车从九号站台发车。"),
        new("Chinese", "法国的首都是哪里",
            "法国的首都是巴黎。巴黎在塞纳河边，是法国最大的城市，也是政府所在地，每年有很多游客来到这座首都参观博物馆和古老的建筑。",
            "把两个鸡蛋打散，加入面粉、糖和一点牛奶，搅拌均匀后放进烤箱，用中火烤二十分钟，等表面变成金黄色再取出来，放凉以后切成小块。"),
    ];

    /// <summary>Is repeated to make a passage that is longer than any model takes.</summary>
    public const string Endless = "A pair that is longer than the model takes is cut, and the model must still give a score. ";

    /// <summary>Tokens of <see cref="Endless"/>, at the least.</summary>
    public const int EndlessTokens = 10;
}
