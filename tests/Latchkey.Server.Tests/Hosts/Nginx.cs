using System.Diagnostics;
using System.Net.Sockets;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>The nginx of this machine's system, in a directory and on a port of its own, in front of a server: as docs/administration.md has it, but for TLS.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-nginx").FullName;
    private Process? _process;

    public int Port { get; } = RunningServer.FreePort();

    public static async Task<Nginx> StartAsync(string target, string name)
    {
        var nginx = new Nginx();
        var file = Path.Combine(nginx._directory, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off;
            master_process off;
            pid {{nginx._directory}}/nginx.pid;
            error_log stderr;
            events { }
            http {
              access_log off;
              client_body_temp_path {{nginx._directory}}/body;
              proxy_temp_path {{nginx._directory}}/proxy;
              fastcgi_temp_path {{nginx._directory}}/fastcgi;
              uwsgi_temp_path {{nginx._directory}}/uwsgi;
              scgi_temp_path {{nginx._directory}}/scgi;
              server {
                listen 127.0.0.1:{{nginx.Port}};
                server_name {{name}};
                location / {
                  proxy_pass {{target}};
                  proxy_set_header Host $host;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                }
              }
            }
            """);
        nginx._process = Process.Start(new ProcessStartInfo("nginx", ["-p", nginx._directory, "-c", file, "-e", "stderr"]) { UseShellExecute = false })!;
        await nginx.UntilItListensAsync();
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task UntilItListensAsync()
    {
        while (true)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync("127.0.0.1", Port, TestContext.Current.CancellationToken);
                return;
            }
            catch (SocketException)
            {
                Assert.False(_process!.HasExited, "nginx did not start");
                await Task.Yield();
            }
        }
    }
}
