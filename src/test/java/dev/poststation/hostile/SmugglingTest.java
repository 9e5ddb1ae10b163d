package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// A mail that holds what some server somewhere takes for its end, through the whole relay, in by
/// DATA and by BDAT, out to next hops of every kind: whatever they take for the end, they see one
/// mail and not two.
class SmugglingTest {
  private static final String SECOND =
      "MAIL FROM:<evil@evil.example>\r\nRCPT TO:<victim@good.example>\r\nDATA\r\nx\r\n";

  private static final List<String> SEQUENCES =
      List.of(
          "\n.\n",
          "\n.\r\n",
          "\r.\r",
          "\r.\n",
          "\r.\r\n",
          "\r\n.\n",
          "\r\n.\r",
          "\r\n.\r\r\n",
          "\n\r.\r\n",
          "\r\n\0.\r\n",
          "\r\n.\0\r\n",
          "\n\0.\n",
          "\r\0\n.\r\n");

  /// How servers were seen to read lines.
  private enum Dialect {
    STRICT,
    ANY_LINE_FEED,
    ANY_CARRIAGE_RETURN,
    WITHOUT_NUL;

    /// The lines as this one sees them, up to the first that is a dot.
    int endOfData(String wire) {
      String seen =
          switch (this) {
            case STRICT -> wire;
            case ANY_LINE_FEED -> wire.replaceAll("\r*\n", "\r\n");
            case ANY_CARRIAGE_RETURN -> wire.replaceAll("\r\n?|\n", "\r\n");
            case WITHOUT_NUL -> wire.replace("\0", "").replaceAll("\r\n?|\n", "\r\n");
          };
      if (seen.startsWith(".\r\n")) {
        return seen.length() - 3;
      }
      int end = seen.indexOf("\r\n.\r\n");
      return end < 0 ? -1 : seen.length() - (end + 5);
    }
  }

  private enum Intake {
    DATA,
    BDAT,
    BDAT_BINARY
  }

  private record Case(String sequence, Intake intake, boolean normalise, String offers) {
    @Override
    public String toString() {
      String shown = sequence.replace("\r", "CR").replace("\n", "LF").replace("\0", "NUL");
      return "%s by %s%s to [%s]".formatted(shown, intake, normalise ? ", normalised" : "", offers);
    }
  }

  @TestFactory
  Stream<DynamicTest> nobodySeesTwoMails() {
    List<Case> cases = new ArrayList<>();
    for (String sequence : SEQUENCES) {
      for (var intake : Intake.values()) {
        for (boolean normalise : new boolean[] {false, true}) {
          for (String offers :
              List.of("", "PIPELINING", "CHUNKING", "CHUNKING,BINARYMIME,8BITMIME,PIPELINING")) {
            cases.add(new Case(sequence, intake, normalise, offers));
          }
        }
      }
    }
    return cases.stream().map(each -> DynamicTest.dynamicTest(each.toString(), () -> play(each)));
  }

  private static void play(Case it) {
    String configuration =
        """
        connectors { next { hosts = ["192.0.2.1:25"], tls = off } }
        routes = [ { via = [next] } ]
        """;
    String clients =
        it.normalise
            ? "clients = [ { name = old, networks = [\"10.0.0.0/8\"], bare-newlines = normalise }"
                + " ]\n"
            : "";
    try (var world = new World(configuration + clients)) {
      var sink = new Recorder(world, it.offers);
      String body =
          "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nbody"
              + it.sequence
              + SECOND
              + "end\r\n";
      send(world, it, body);
      world.settle();
      int mails = (int) world.spool.usage().commits();
      assertThat(mails).as("mails taken in").isLessThanOrEqualTo(1);
      assertThat(sink.contents).as("mails sent").hasSize(mails);
      assertThat(sink.commands).doesNotContain("MAIL FROM:<evil@evil.example>");
      for (String wire : sink.contents) {
        for (var dialect : Dialect.values()) {
          assertThat(dialect.endOfData(wire)).as("what follows the end, for " + dialect).isZero();
        }
      }
      // BDAT needs no end: what comes out there is what came in.
      boolean asItIs = it.intake != Intake.BDAT_BINARY || it.offers.contains("BINARYMIME");
      for (String chunk : sink.chunks) {
        assertThat(chunk.contains("victim@good.example")).isEqualTo(asItIs);
      }
    }
  }

  private static void send(World world, Case it, String body) {
    var client = new Caller(world, world.call("10.0.0.1"));
    client.expect("220 ");
    client.say("EHLO client.example");
    String binary = it.intake == Intake.BDAT_BINARY ? " BODY=BINARYMIME" : "";
    client.say("MAIL FROM:<sender@home.example>" + binary);
    client.say("RCPT TO:<bob@good.example>");
    client.expect("250 2.1.5 ");
    byte[] octets = body.getBytes(StandardCharsets.ISO_8859_1);
    if (it.intake == Intake.DATA) {
      client.say("DATA");
      client.expect("354 ");
      client.write(octets);
      client.say(".");
    } else {
      // Cut within the sequence, wherever that is.
      int cut = body.indexOf(it.sequence) + 1;
      client.say("BDAT " + cut);
      client.write(body.substring(0, cut).getBytes(StandardCharsets.ISO_8859_1));
      client.say("BDAT " + (octets.length - cut) + " LAST");
      client.write(body.substring(cut).getBytes(StandardCharsets.ISO_8859_1));
    }
    assertThat(client.lines().getLast()).matches("(250 2\\.0\\.0|550 5\\.6\\.11|503 5\\.5\\.1) .*");
    client.say("NOOP");
    client.expect("250 2.0.0 Ok");
    client.close();
  }

  /// A next hop that is strict, and keeps what comes octet by octet.
  private static final class Recorder {
    private final List<String> commands = new ArrayList<>();
    private final List<String> contents = new ArrayList<>();
    private final List<String> chunks = new ArrayList<>();
    private final String offers;

    Recorder(World world, String offers) {
      this.offers = offers;
      world.streets.house("192.0.2.1:25", this::serve);
    }

    private void serve(MemoryConnection connection) {
      try {
        say(connection, "220 hop");
        var in = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (true) {
          int count = connection.read(buffer, 0, buffer.length);
          if (count < 0) {
            return;
          }
          in.write(buffer, 0, count);
          String all = in.toString(StandardCharsets.ISO_8859_1);
          int used = answer(connection, all);
          in.reset();
          in.writeBytes(all.substring(used).getBytes(StandardCharsets.ISO_8859_1));
        }
      } catch (IOException _) {
        // It is gone.
      }
    }

    private boolean inData;
    private int inChunk = -1;

    /// @return how much was used
    private int answer(MemoryConnection connection, String all) throws IOException {
      int at = 0;
      while (at < all.length()) {
        if (inData) {
          int end = all.startsWith(".\r\n", at) ? at - 2 : all.indexOf("\r\n.\r\n", at);
          if (end < 0 && !all.startsWith(".\r\n", at)) {
            return at;
          }
          contents.add(all.substring(at, end + 5));
          at = end + 5;
          inData = false;
          say(connection, "250 2.0.0 ok");
        } else if (inChunk >= 0) {
          if (all.length() - at < inChunk) {
            return at;
          }
          chunks.add(all.substring(at, at + inChunk));
          contents.add(".\r\n"); // One mail, with nothing in it that could end it.
          at += inChunk;
          inChunk = -1;
          say(connection, "250 2.0.0 ok");
        } else {
          int end = all.indexOf("\r\n", at);
          if (end < 0) {
            return at;
          }
          command(connection, all.substring(at, end));
          at = end + 2;
        }
      }
      return at;
    }

    private void command(MemoryConnection connection, String line) throws IOException {
      commands.add(line);
      switch (line.substring(0, 4).toUpperCase(Locale.ROOT)) {
        case "EHLO" -> {
          var reply = new StringBuilder("250-hop\r\n");
          Stream.of(offers.split(",")).forEach(each -> reply.append("250-" + each + "\r\n"));
          say(connection, reply + "250 HELP");
        }
        case "DATA" -> {
          inData = true;
          say(connection, "354 go");
        }
        case "BDAT" -> inChunk = Integer.parseInt(line.split(" ")[1]);
        default -> say(connection, "250 2.0.0 ok");
      }
    }

    private void say(MemoryConnection connection, String line) throws IOException {
      byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
      connection.write(octets, 0, octets.length);
    }
  }
}
