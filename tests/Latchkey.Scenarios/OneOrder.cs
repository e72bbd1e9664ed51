using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Latchkey.Scenarios.OneOrder))]
[assembly: TestMethodOrderer(typeof(Latchkey.Scenarios.OneOrder))]

namespace Latchkey.Scenarios;

/// <summary>
/// Scenarios run by name. The framework's own order hangs on the folder the checkout is in, so that what one scenario leaves behind would be
/// found on one machine and not on another. <c>LATCHKEY_SCENARIO_ORDER=word</c> shuffles them, to find it on purpose.
/// </summary>
public sealed class OneOrder : ITestCollectionOrderer, ITestMethodOrderer
{
    private static readonly string? Seed = Environment.GetEnvironmentVariable("LATCHKEY_SCENARIO_ORDER");

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => InOrder(testCollections, collection => collection.TestCollectionDisplayName);

    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : notnull, ITestMethod => InOrder(testMethods, method => method?.MethodName ?? "");

    private static T[] InOrder<T>(IEnumerable<T> tests, Func<T, string> name) =>
        [.. tests.OrderBy(test => Seed is null ? name(test) : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Seed + name(test)))), StringComparer.Ordinal)];
}
