namespace Latchkey.Scenarios;

/// <summary>A class of scenarios on one product; what a scenario opened is closed when it ends.</summary>
public abstract class Scenario(Product product) : ScenarioOn<Product>(product);

/// <summary>The same, on a product of a particular kind.</summary>
public abstract class ScenarioOn<TProduct>(TProduct product) : IClassFixture<TProduct>, IAsyncDisposable
    where TProduct : Product
{
    protected TProduct Product => product;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return product.EndScenarioAsync();
    }
}
