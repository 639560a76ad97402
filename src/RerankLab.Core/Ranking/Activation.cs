namespace RerankLab.Core.Ranking;

/// <summary>What is done to a logit before it is shown or exported. Rankings are made of the logits themselves.</summary>
public enum Activation
{
    None,
    Sigmoid,
}

public static class Activations
{
    public static double Apply(this Activation activation, double logit) => activation switch
    {
        Activation.None => logit,
        Activation.Sigmoid => 1 / (1 + Math.Exp(-logit)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
