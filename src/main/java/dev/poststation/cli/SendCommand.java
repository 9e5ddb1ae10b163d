package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.config.Units;
import dev.poststation.demo.MailClient;
import dev.poststation.dns.NumericAddress;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `send`.
@Command(
    name = "send",
    description = {
      "Send a test mail the way any mail goes: by SMTP to the listener of the relay, showing the"
          + " dialogue, then follow it until it is delivered, refused or deferred.",
      "Ends with 0 when every recipient was reached, or taken by another server, else with 1."
    })
final class SendCommand implements Callable<Integer> {
  /// RFC 8314: TLS begins at once.
  private static final int SUBMISSIONS = 465;

  private static final Set<String> EXPLAINED =
      Set.of(
          Replies.RELAY_DENIED.toString(),
          PolicyReplies.TURNED_AWAY.toString(),
          PolicyReplies.RELAY_UNKNOWN.toString(),
          PolicyReplies.OUTSIDE_HOURS.toString(),
          PolicyReplies.CLIENT_IN_CLEAR.toString(),
          PolicyReplies.SENDER_NOT_ALLOWED.toString(),
          PolicyReplies.RECIPIENT_NOT_ALLOWED.toString(),
          PolicyReplies.AUTHOR_NOT_ALLOWED.toString(),
          Replies.SENDER_NULL_MX.toString());

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  @Mixin private final Common common;

  @Option(names = "--from", required = true, paramLabel = "ADDRESS", description = "The sender.")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ADDRESS",
      description = "A recipient; may be given again.")
  private List<String> to = List.of();

  @Option(names = "--subject", paramLabel = "TEXT", description = "Its subject.")
  private String subject = "A test of the relay";

  @Option(names = "--body", paramLabel = "TEXT", description = "Its text.")
  private String body = "This is a test mail, sent with poststation send.";

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "The whole mail, header and all, from a file; instead of subject and body.")
  private @Nullable Path file;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "Where to send it; default: the first listener of the running relay.")
  private @Nullable String server;

  @Option(
      names = "--implicit-tls",
      description =
          "With --server: TLS begins at once, as on port 465; else STARTTLS is used where it is"
              + " offered.")
  private boolean implicitTls;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "How long to follow the mail (default: 30s).")
  private String wait = "30s";

  SendCommand(Os os) {
    common = new Common(os);
  }

  /// @param ours whether it is a listener of the relay
  private record Target(InetSocketAddress address, boolean implicitTls, boolean ours) {
    private String text() {
      return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    var patience =
        Units.parse(wait)
            .orElseThrow(
                () ->
                    new Failure(Exit.WRONG, "--wait: \"" + wait + "\" is no duration, as 30s is."));
    var api = common.api();
    List<String> dialogue = new ArrayList<>();
    var status = api.get("status", Map.of());
    var target = target(status);
    var sent = submit(target, content(status.path("hostname").asText()), dialogue);
    if (sent.id().isEmpty()) {
      return refused(target, sent, dialogue);
    }
    return target.ours || isHere(api, sent.id().get())
        ? follow(api, sent, patience, dialogue)
        : takenElsewhere(target, sent, dialogue);
  }

  /// Whether the relay has this mail: it may be called by an address that no listener names.
  private static boolean isHere(Api api, String id) {
    return QueueId.parse(id).isPresent() && api.find("trace/" + Api.encoded(id)) != null;
  }

  private int takenElsewhere(Target target, MailClient.Sent sent, List<String> dialogue) {
    String who = "Accepted by " + target.text();
    ended(sent, dialogue, true, who, "\nIt is not this relay, so the mail is not followed.");
    return sent.recipients() == to.size() ? Exit.OK : Exit.NO;
  }

  private int refused(Target target, MailClient.Sent sent, List<String> dialogue) {
    String who = (target.ours ? "The relay" : target.text()) + " refused it";
    ended(sent, dialogue, false, who, target.ours ? "\n" + whereToLook(sent.reply()) : "");
    return Exit.NO;
  }

  /// Reports what there is nothing to follow of.
  private void ended(
      MailClient.Sent sent, List<String> dialogue, boolean accepted, String who, String more) {
    String reply = sent.reply().toString();
    if (common.json()) {
      var report = new LinkedHashMap<String, Object>();
      report.put("accepted", accepted);
      report.put("followed", false);
      report.put("reply", reply);
      report.put("dialogue", dialogue);
      common.print(report);
    } else {
      common.out().println("\n" + who + ": " + Words.shown(reply) + more);
    }
  }

  /// `explain` knows the rules, and neither the room, the load nor the mail.
  private static String whereToLook(Reply reply) {
    return EXPLAINED.contains(reply.toString())
        ? "poststation explain tells which rule."
        : "The event reject in the mail log, and the server log, say why.";
  }

  /// A listener of the relay says itself what it expects, wherever the file has got to.
  private Target target(JsonNode status) {
    List<Target> listeners = new ArrayList<>();
    status.path("listeners").forEach(each -> listeners.add(listener(each)));
    if (server == null) {
      if (listeners.isEmpty()) {
        throw new Failure(Exit.WRONG, "The relay has no listener: name one with --server.");
      }
      return listeners.getFirst();
    }
    var address = address(server);
    boolean known = listeners.contains(new Target(address, true, true));
    boolean ours = known || listeners.contains(new Target(address, false, true));
    return new Target(address, implicitTls || known || address.getPort() == SUBMISSIONS, ours);
  }

  private static Target listener(JsonNode listener) {
    var bind =
        NumericAddress.parse(listener.path("address").asText())
            .orElseThrow(() -> new Failure(Exit.INTERNAL, "The relay listens nowhere."));
    var host = bind.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bind;
    return new Target(
        new InetSocketAddress(host, listener.path("port").asInt()),
        listener.path("tls").asText().equals("implicit"),
        true);
  }

  private static InetSocketAddress address(String server) {
    int colon = server.lastIndexOf(':');
    try {
      if (colon > 0) {
        var host = InetAddress.getByName(server.substring(0, colon));
        return new InetSocketAddress(host, Integer.parseInt(server.substring(colon + 1)));
      }
    } catch (IOException | IllegalArgumentException _) {
      // Said below.
    }
    throw new Failure(Exit.WRONG, "--server: \"" + server + "\" is no HOST:PORT that is known.");
  }

  private MailClient.Sent submit(Target target, byte[] content, List<String> dialogue) {
    try (var client =
        MailClient.connect(
            common.os(), target.address(), target.implicitTls(), line -> said(line, dialogue))) {
      return client.send(
          bare(from), to.stream().map(SendCommand::bare).toList(), parameters(content), content);
    } catch (IOException e) {
      throw new Failure(
          Exit.UNREACHABLE,
          "No mail could be sent to "
              + target.text()
              + ": "
              + (implicitTls && e instanceof SSLException && notTls(e)
                  ? "it does not begin with TLS; leave out --implicit-tls, and STARTTLS is used"
                      + " where it is offered."
                  : e.getMessage()
                      + (e instanceof EOFException && !target.implicitTls()
                          ? "; if it expects TLS at once, say --implicit-tls."
                          : ".")));
    }
  }

  /// JSSE has no exception of its own for octets that are none of TLS.
  private static boolean notTls(IOException e) {
    return String.valueOf(e.getMessage()).startsWith("Unsupported or unrecognized SSL message");
  }

  private void said(String line, List<String> dialogue) {
    dialogue.add(line);
    if (!common.json()) {
      common.out().println(Words.shown(line));
    }
  }

  private static String bare(String address) {
    return address.startsWith("<") && address.endsWith(">")
        ? address.substring(1, address.length() - 1)
        : address;
  }

  private String parameters(byte[] content) {
    boolean eightBit = !isAscii(new String(content, StandardCharsets.ISO_8859_1));
    boolean international = !isAscii(from) || !to.stream().allMatch(SendCommand::isAscii);
    return (eightBit || international ? "BODY=8BITMIME" : "") + (international ? " SMTPUTF8" : "");
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private byte[] content(String hostname) {
    if (file != null) {
      try {
        return common.os().disk().read(file);
      } catch (IOException e) {
        throw new Failure(Exit.WRONG, "--file: " + file + " cannot be read: " + Words.why(e) + ".");
      }
    }
    var addresses = to.stream().map(SendCommand::bare).toList();
    var now = common.os().time().now();
    return new TestMail(bare(from), addresses, subject, body).content(now, hostname);
  }

  /// Looks at the trace until each recipient has an outcome, be it for the time being.
  private int follow(Api api, MailClient.Sent sent, Duration patience, List<String> dialogue)
      throws InterruptedException {
    String id = sent.id().orElseThrow();
    var time = common.os().time();
    long end = time.nanos() + patience.toNanos();
    while (true) {
      var trace = api.find("trace/" + Api.encoded(id));
      Map<String, String> outcomes = trace == null ? Map.of() : outcomes(trace.path("entries"));
      boolean over = time.nanos() - end >= 0;
      boolean known = outcomes.size() >= sent.recipients();
      if (known || over) {
        boolean reached =
            sent.recipients() == to.size()
                && known
                && outcomes.values().stream().allMatch("sent"::equals);
        report(
            id, trace == null ? JsonNodeFactory.instance.objectNode() : trace, outcomes, dialogue);
        return reached ? Exit.OK : Exit.NO;
      }
      time.sleep(LOOK_EVERY);
    }
  }

  private static Map<String, String> outcomes(JsonNode entries) {
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (var entry : entries) {
      if (entry.path("event").asText().equals("attempt")
          && !entry.path("status").asText().equals("passed-on")) {
        outcomes.put(entry.path("to").asText(), entry.path("status").asText());
      }
    }
    return outcomes;
  }

  private void report(
      String id, JsonNode trace, Map<String, String> outcomes, List<String> dialogue) {
    if (common.json()) {
      var report = new LinkedHashMap<String, Object>();
      report.put("accepted", true);
      report.put("followed", true);
      report.put("id", id);
      report.put("outcomes", outcomes);
      report.put("dialogue", dialogue);
      report.put("trace", trace.path("entries"));
      common.print(report);
      return;
    }
    common.out().println();
    common.out().print(trace.path("text").asText());
    if (outcomes.isEmpty() || outcomes.containsValue("deferred")) {
      common.out().println("\nIt is still on its way: follow it with poststation trace " + id);
    }
  }
}
