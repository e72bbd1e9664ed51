namespace Latchkey.Scenarios;

/// <summary>A class of scenarios on one product; what a scenario opened is closed when it ends.</summary>
public abstract class Scenario(Product product) : IClassFixture<Product>, IAsyncDisposable
{
    protected Product Product => product;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return product.EndScenarioAsync();
    }
}
