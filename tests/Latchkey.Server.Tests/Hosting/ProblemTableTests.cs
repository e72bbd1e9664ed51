using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;
using Latchkey.Server.Features.Problems;

namespace Latchkey.Server.Tests.Hosting;

public sealed class ProblemTableTests
{
    public static TheoryData<string> Codes =>
        [.. Enum.GetValues<RegistrationError>().Select(e => e.Code()).Union(Enum.GetValues<AuthenticationError>().Select(e => e.Code())).Union(ProblemTable.All.Select(p => p.Code))];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_problem_has_a_status_a_text_and_a_next_step(string code)
    {
        Assert.True(ProblemTable.Knows(code), $"{code} stands in no row of the problem table.");
        var problem = ProblemTable.Of(code);
        Assert.InRange(problem.Status, 400, 599);
        Assert.NotEmpty(problem.Text);
        Assert.NotEmpty(problem.NextStep);
    }
}
