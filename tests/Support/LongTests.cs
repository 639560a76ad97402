namespace RerankLab.Tests;

/// <summary>Tests of chance (kills, damage) run few rounds in the suite, and many where <c>RLAB_LONG_TESTS=1</c>.</summary>
static class LongTests
{
    public static int Rounds(int few, int many) =>
        Environment.GetEnvironmentVariable("RLAB_LONG_TESTS") == "1" ? many : few;
}
