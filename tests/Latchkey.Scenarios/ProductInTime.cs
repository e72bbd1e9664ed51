namespace Latchkey.Scenarios;

/// <summary>The product with a server whose time of day a scenario moves while it runs.</summary>
public sealed class ProductInTime : Product
{
    private readonly MovableClock _clock = new();

    protected override IReadOnlyDictionary<string, string> ServerEnvironment => _clock.Environment;

    /// <summary>Lets time pass for the server and for nobody else, until the scenario ends.</summary>
    public void PassTime(TimeSpan time) => _clock.PassTime(time);

    public override async ValueTask EndScenarioAsync()
    {
        await base.EndScenarioAsync();
        _clock.Reset();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _clock.Dispose();
    }
}
