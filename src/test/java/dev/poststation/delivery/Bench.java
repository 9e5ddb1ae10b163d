package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.Sink;
import dev.poststation.tls.ClientTls;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/// Mails per second and CPU time per mail of `send` against a sink in the same process: `Bench
/// [octets [seconds [connections]]]`. Not a test.
final class Bench {
  private static final Os OS = Os.real();

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    int octets = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    int connections = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
    for (String extensions :
        List.of("8BITMIME", "PIPELINING,8BITMIME,SIZE 0", "PIPELINING,8BITMIME,CHUNKING,SIZE 0")) {
      try (var sink = new Sink(OS, Arrays.asList(extensions.split(",")), null, false, false)) {
        run(sink, octets, 6, connections); // Warm up.
        run(sink, octets, seconds, connections, extensions);
      }
    }
  }

  private static void run(Sink sink, int octets, int seconds, int connections, String... name)
      throws InterruptedException {
    long before = sink.mails();
    long cpu = cpu();
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    var threads = new Thread[connections];
    for (int i = 0; i < connections; i++) {
      threads[i] = OS.tasks().virtual("bench", () -> send(sink, octets, end));
    }
    for (var thread : threads) {
      thread.join();
    }
    if (name.length > 0) {
      long mails = sink.mails() - before;
      double took = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%-40s %6d octets: %6.0f mails/s, %.1f us CPU per mail (sink included)%n",
          name[0], octets, mails / took, (cpu() - cpu) / 1e3 / mails);
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void send(Sink sink, int octets, long end) {
    var via = new Sample.Via();
    via.tls = Connector.Tls.OFF;
    via.mails = Integer.MAX_VALUE;
    var dialer =
        new Dialer(
            OS,
            new ScriptedResolver().address("sink.example", "127.0.0.1"),
            ClientTls.trusting(List.of()),
            "relay.example",
            () -> Sample.LIMITS);
    var opened =
        (Opening.Opened)
            dialer.open(
                new Destination(
                    "sink",
                    via.connector(),
                    List.of(new NextHop("sink.example", sink.port(), false))));
    String line = "x".repeat(76) + "\r\n";
    var order =
        new Sample.Letter()
            .content("Subject: bench\r\n\r\n" + line.repeat(octets / line.length() + 1))
            .order();
    try (var conversation = opened.conversation()) {
      while (System.nanoTime() < end) {
        var result = conversation.send(order);
        if (!result.reusable()) {
          throw new IllegalStateException(result.toString());
        }
      }
    }
  }
}
