package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.account.AllAccounts;
import dev.poststation.admin.Bans;
import dev.poststation.admin.Explanation;
import dev.poststation.admin.ExplanationText;
import dev.poststation.admin.Question;
import dev.poststation.content.Kept;
import dev.poststation.content.Seals;
import dev.poststation.content.ServiceWatch;
import dev.poststation.content.Services;
import dev.poststation.delivery.SevenBitEntity;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dns.DnsResolver;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `explain`.
@Command(
    name = "explain",
    description = {
      "Say what would be done with a mail, and which line of the configuration decides it. Nothing"
          + " is sent.",
      "Ends with 0 when the mail would be taken and has a way, else with 1.",
      "With --reply instead: say what is made of a reply of a next hop."
    })
final class ExplainCommand implements Callable<Integer> {
  private static final Set<String> NEEDED = Set.of("client", "from", "to");

  private static final Pattern PEM =
      Pattern.compile("(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----");

  private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \\t]*:");

  @Mixin private final Common common;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--client", paramLabel = "IP", description = "Who connects.")
  private String client = "";

  @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender; <> for a notice.")
  private String from = "";

  @Option(names = "--to", paramLabel = "ADDRESS", description = "The recipient.")
  private String to = "";

  @Option(
      names = "--listener",
      paramLabel = "NAME",
      description = "The listener that it connects to; not needed where there is only one.")
  private String listener = "";

  @Option(names = "--user", paramLabel = "NAME", description = "As whom it has authenticated.")
  private String user = "";

  @Option(names = "--tls", description = "The session is encrypted.")
  private boolean tls;

  @Option(
      names = "--certificate",
      paramLabel = "FINGERPRINT|FILE",
      description = {
        "The certificate that it shows: its sha256 fingerprint, or, where subject and ca matter, a"
            + " PEM file with it and what vouches for it; implies --tls."
      })
  private String certificate = "";

  @Option(names = "--helo", paramLabel = "NAME", description = "What it says in EHLO.")
  private String helo = "";

  @Option(
      names = "--header-from",
      paramLabel = "ADDRESS",
      description = "What stands in the From field of the mail.")
  private String headerFrom = "";

  @Option(
      names = "--reply",
      paramLabel = "TEXT",
      description =
          "A reply of a next hop, alone or in a line of the mail log: say what becomes of the"
              + " recipient then, and its category.")
  private String reply = "";

  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description =
          "What it answers: greeting, hello, tls, auth, mail, rcpt, data, or end; without it what"
              + " the line says, else rcpt.")
  private String stage = "";

  @Option(
      names = "--header",
      paramLabel = "FIELD",
      description = {
        "A field of its header, \"List-Id: <news.example.com>\"; may be repeated. Once there is"
            + " one, the header is known, and has no others."
      })
  private List<String> header = List.of();

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "How large it is: \"5 MB\", or octets.")
  private String size = "";

  @Option(
      names = "--message",
      paramLabel = "FILE",
      description = {
        "A file with the mail itself: then header, size and From are known, and the services of"
            + " content look at it (those that ask somebody really do)."
      })
  private String message = "";

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = {
        "When it comes, by the clock of this machine, as hours and expires are: \"2026-12-24"
            + " 23:30\"; 23:30 or \"sat 23:30\", the next one. Without it: now."
      })
  private String at = "";

  @Option(
      names = "--offline",
      description =
          "Ask the configuration file instead of the running relay: for a file that is not in use.")
  private boolean offline;

  ExplainCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (!reply.isEmpty()) {
      return meaning();
    }
    checkNeeded();
    var answer = offline ? candidate() : running();
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().print(ExplanationText.of(answer));
    }
    boolean good = answer.path("accepted").asBoolean() && answer.path("deliverable").asBoolean();
    return good ? Exit.OK : Exit.NO;
  }

  private int meaning() {
    var answer = ReplyMeaning.of(reply, stage.isEmpty() ? null : stage());
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().print(ReplyMeaning.text(answer));
    }
    return Exit.OK;
  }

  private Outcome.Stage stage() {
    return Arrays.stream(Outcome.Stage.values())
        .filter(each -> each.name().equalsIgnoreCase(stage))
        .findFirst()
        .orElseThrow(() -> new Failure(Exit.WRONG, "--stage: there is no \"" + stage + "\"."));
  }

  private void checkNeeded() {
    var missing =
        spec.options().stream()
            .filter(each -> NEEDED.contains(each.longestName().substring(2)))
            .filter(each -> !spec.commandLine().getParseResult().hasMatchedOption(each))
            .map(each -> "'" + each.longestName() + "=" + each.paramLabel() + "'")
            .toList();
    if (!missing.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          (missing.size() == 1 ? "Missing required option: " : "Missing required options: ")
              + String.join(", ", missing));
    }
  }

  private ObjectNode running() {
    var body = JsonNodeFactory.instance.objectNode();
    words().forEach(body::put);
    try {
      return common.api().post("explain", body);
    } catch (Failure e) {
      throw e.exit() == Exit.UNREACHABLE
          ? new Failure(e.exit(), e.message() + " The file itself is asked with --offline.")
          : e;
    }
  }

  private Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("client", client);
    words.put("from", from);
    words.put("to", to);
    words.put("listener", listener);
    words.put("user", user);
    words.put("tls", tls ? "true" : "");
    words.put("certificate", certificate());
    words.put("helo", helo);
    words.put("headerFrom", headerFrom);
    words.put("header", header.stream().map(ExplainCommand::field).collect(Collectors.joining()));
    words.put("size", size);
    words.put("at", NextTime.written(at, common.os().time().now()));
    if (!message.isEmpty()) {
      MailFile.read(common.os(), message).complete(words);
    }
    words.entrySet().removeIf(word -> word.getValue().isEmpty() && !NEEDED.contains(word.getKey()));
    return words;
  }

  /// RFC 5322 2.2.
  private static String field(String text) {
    if (!FIELD.matcher(text).lookingAt()) {
      throw new Failure(
          Exit.WRONG,
          "--header: \""
              + Words.shown(text)
              + "\" is no field of a header: write, say, \"List-Id: <news.example.com>\".");
    }
    return text + "\r\n";
  }

  /// What is no fingerprint is taken for a file. Only its certificates are asked about: a key that
  /// stands beside them goes nowhere.
  private String certificate() {
    if (certificate.isEmpty() || Fingerprint.parse(certificate).isPresent()) {
      return certificate;
    }
    try {
      byte[] octets = common.os().disk().read(Path.of(certificate));
      String found =
          PEM.matcher(new String(octets, StandardCharsets.ISO_8859_1))
              .results()
              .map(MatchResult::group)
              .collect(Collectors.joining("\n"));
      if (found.isEmpty()) {
        throw new Failure(
            Exit.WRONG, "--certificate: there is no certificate in " + certificate + ".");
      }
      return found;
    } catch (IOException | InvalidPathException _) {
      throw new Failure(
          Exit.WRONG,
          "--certificate: \""
              + certificate
              + "\" is neither a fingerprint (sha256: and 64 digits) nor a file that can be read.");
    }
  }

  private ObjectNode candidate() {
    var configuration = common.configuration();
    var resolver = new DnsResolver(configuration.dns(), common.os());
    try (var accounts =
        new AllAccounts(common.os(), configuration.data(), configuration::users, resolver)) {
      var os = common.os();
      var memory = new ClientMemory(resolver, os, accounts::ownIfKnown);
      var signing = new SigningDomains(os, configuration.data(), configuration::dkim, resolver);
      var seals = Seals.of(os, configuration.data(), resolver, () -> configuration);
      var services =
          Services.of(
              configuration,
              resolver,
              memory.directories(),
              () -> signing,
              () -> seals,
              SevenBitEntity::of,
              Kept.asWritten(os, configuration.data()),
              os,
              ServiceWatch.NOBODY);
      var asked = Question.parse(words());
      var question = asked.as(accounts.nameOf(asked.user()));
      var explanation =
          new Explanation(
              configuration,
              new Policy(configuration, memory),
              Poststation.directions(configuration, os),
              Bans.UNKNOWN,
              services,
              os.time());
      return Explanation.withUser(explanation.explain(question), question, accounts);
    } catch (IllegalArgumentException e) {
      throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }
}
