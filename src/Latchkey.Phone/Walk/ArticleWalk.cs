using Latchkey.Phone.Computer;
using Latchkey.Phone.DevTools;

namespace Latchkey.Phone.Walk;

/// <summary>Every numbered step of the article the product grew from, on this phone's system, or the three outcomes of the demo organisation, with a picture of the screen after each.</summary>
internal static class ArticleWalk
{
    /// <summary>Performs all steps; false when one did not work.</summary>
    public static async Task<bool> RunAsync(PhoneOptions options, Rehearsal rehearsal, CancellationToken stop)
    {
        Directory.CreateDirectory(options.Pictures);
        foreach (var old in Directory.EnumerateFiles(options.Pictures, "*.png")) File.Delete(old);
        await using var computer = await DevToolsPage.OfAsync(rehearsal.Computer.Browser.DevTools, options.Server.AbsoluteUri, stop);
        await using var phone = await DevToolsPage.OfAsync(rehearsal.Phone.Browser.DevTools, rehearsal.Phone.Address.AbsoluteUri, stop);
        await using var walker = new Walker(options, rehearsal, computer, phone);
        WalkWay[] ways = options.ShowsOutcomes
            ? Outcomes.Ways(walker)
            : [InTheAuthenticator.Way(walker), OnThisDevice.Way(walker), AlreadyThere.Way(walker), OverAnotherDevice.Way(walker)];
        var done = 0;
        foreach (var way in ways)
        {
            Console.WriteLine(way.Title);
            foreach (var step in way.Steps)
            {
                string? problem = null;
                try
                {
                    await step.Act(stop);
                    done++;
                }
                catch (RehearsalException e)
                {
                    problem = e.Message;
                }

                await walker.TakePictureAsync(problem is null ? step.Title : step.Title + " FAILED", stop);
                Console.WriteLine($"  {(problem is null ? "ok  " : "FAIL")} {step.Title}");
                if (problem is null) continue;
                Console.WriteLine(problem);
                Console.WriteLine($"{done} of {ways.Sum(one => one.Steps.Count)} steps");
                return false;
            }
        }

        Console.WriteLine($"{done} of {done} steps");
        return true;
    }
}
