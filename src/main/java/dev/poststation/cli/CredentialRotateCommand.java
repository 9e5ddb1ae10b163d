package dev.poststation.cli;

import dev.poststation.config.Account;
import dev.poststation.config.Auth;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.Secret;
import dev.poststation.config.Typed;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `credential rotate`.
@Command(
    name = "rotate",
    description = {
      "Replace the password of an account at a next hop, the client secret by which it gets tokens,"
          + " a certificate with its key, or the key of a service account: the new one is tried at"
          + " the next hop first, and only when it lets the relay in it takes the place of the old"
          + " one in its file. The running relay takes it at once.",
      "Ends with 0 when it was replaced, with 1 when the new one does not work: then nothing was"
          + " changed."
    })
final class CredentialRotateCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "CONNECTOR", description = "The connector.")
  private String connector = "";

  @Option(
      names = "--account",
      paramLabel = "USER",
      description = "Which of its accounts, where it has several.")
  private @Nullable String user;

  @Option(
      names = "--secret-from",
      paramLabel = "FILE",
      description = "The new secret: a file, or - for the first line of standard input.")
  private @Nullable Path from;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "The new certificate, with those between it and a root: a PEM file.")
  private @Nullable Path certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "Its key: a PEM file. Alone: the new key of a service account (grant = jwt-bearer), PEM"
              + " or the JSON file that Google gives.")
  private @Nullable Path key;

  private enum Which {
    TLS,
    OAUTH
  }

  @Option(
      names = "--of",
      paramLabel = "WHAT",
      description =
          "Which certificate, where there are two: tls, which next hops are shown, or oauth, by"
              + " which tokens are got.")
  private @Nullable Which which;

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description =
          "With a certificate: a sender that is asked about as well, where only that shows whether"
              + " the next hop knows the certificate. No mail is sent.")
  private @Nullable String sender;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "With --from: a recipient; can be repeated.")
  private List<String> recipients = List.of();

  CredentialRotateCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.loaded();
    var configuration = loaded.configuration();
    if ((from == null) == (key == null) || (certificate != null && key == null)) {
      throw new Failure(
          Exit.WRONG,
          "What is the new one? Say --secret-from, or --certificate and --key. For a service"
              + " account say --key alone.");
    }
    if (certificate != null && key != null) {
      return rotated(loaded, certificate, key);
    }
    var account = account(configuration);
    if (key != null) {
      return rotatedKey(loaded, account, key);
    }
    var old = secretOf(account);
    var file = old.file().orElseThrow(() -> elsewhere(old));
    String fresh = fresh();
    if (fresh.equals(revealed(old))) {
      throw new Failure(Exit.WRONG, "This is the secret that " + file + " has already.");
    }
    var rotation = new Rotation(common, "secret", file);
    return new SecretRotation(rotation, loaded, account, account.with(new Typed(fresh)))
        .rotate(octets(revealed(old)), octets(fresh));
  }

  private static byte[] octets(String secret) {
    return (secret + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /// The key of a service account, which needs no certificate.
  private int rotatedKey(Loaded.Good loaded, Account account, Path fresh) {
    var grant = account.grant();
    var file = grant == null ? null : grant.key();
    if (grant == null || file == null || grant.type() != OauthGrant.Type.JWT_BEARER) {
      throw new Failure(
          Exit.WRONG,
          "Account "
              + account.name()
              + " has no key of a service account (grant = jwt-bearer): say --certificate, too, or"
              + " --secret-from.");
    }
    byte[] old = read(file);
    byte[] octets = read(fresh);
    if (Arrays.equals(old, octets)) {
      throw new Failure(Exit.WRONG, "This is the key that " + file + " has already.");
    }
    var rotation = new Rotation(common, "key", file);
    return new SecretRotation(rotation, loaded, account, account.with(fresh)).rotate(old, octets);
  }

  private byte[] read(Path file) {
    try {
      return common.os().disk().read(file);
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, file + " cannot be read: " + Words.why(e) + ".");
    }
  }

  private int rotated(Loaded.Good loaded, Path chain, Path itsKey) {
    var configuration = loaded.configuration();
    var found = found(configuration);
    boolean decides = found.hasAccounts() || user != null;
    var decided = decides ? found.as(account(configuration)) : found;
    Boolean tokens = which == null ? null : which == Which.OAUTH;
    var rotation = CertificateRotation.of(common, configuration, decided, chain, itsKey, tokens);
    return rotation.rotate(loaded, mail());
  }

  private CertificateRotation.@Nullable Mail mail() {
    if ((sender == null) != recipients.isEmpty()) {
      throw new Failure(Exit.WRONG, "--from and --to go together.");
    }
    return sender == null
        ? null
        : new CertificateRotation.Mail(
            address(sender), recipients.stream().map(CredentialRotateCommand::address).toList());
  }

  private static Address address(String text) {
    return AddressParser.parse(text)
        .orElseThrow(() -> new Failure(Exit.WRONG, Words.shown(text) + " is no address."));
  }

  private Connector found(Configuration configuration) {
    var found = configuration.connectors().get(connector);
    if (found == null) {
      throw new Failure(
          Exit.WRONG,
          "There is no connector \""
              + Words.shown(connector)
              + "\"; there are: "
              + String.join(", ", configuration.connectors().keySet())
              + ".");
    }
    return found;
  }

  private Account account(Configuration configuration) {
    var found = found(configuration);
    List<Account> all = Optional.ofNullable(found.auth()).map(Auth::accounts).orElse(List.of());
    var meant = all.stream().filter(each -> user == null || each.name().equals(user)).toList();
    String names = all.stream().map(Account::name).collect(Collectors.joining(", "));
    if (meant.isEmpty()) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector
              + (all.isEmpty() ? " does not log in anywhere." : " has no such account, only: ")
              + (all.isEmpty() ? "" : names + "."));
    }
    if (meant.size() > 1) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector
              + " has several accounts, say which (--account): "
              + names
              + ".");
    }
    return meant.getFirst();
  }

  private static Secret secretOf(Account account) {
    var grant = account.grant();
    var secret = grant == null ? account.password() : grant.clientSecret();
    if (secret == null) {
      throw new Failure(Exit.WRONG, "Account " + account.name() + " " + without(grant));
    }
    return secret;
  }

  /// What is to be done where there is no secret.
  private static String without(@Nullable OauthGrant grant) {
    if (grant != null && grant.type().byLogin()) {
      return "has no client secret, only a token that somebody logged in for: poststation oauth"
          + " login gets another one.";
    }
    return grant != null && grant.type() == OauthGrant.Type.JWT_BEARER
        ? "logs in by the key of a service account, not by a secret: say --key for another one."
        : "logs in by a certificate or a key, not by a secret: say --certificate and --key for"
            + " another pair.";
  }

  private static Failure elsewhere(Secret secret) {
    String why;
    if (secret.byCommand()) {
      why =
          "the secret comes from a command (exec:): change it where that takes it from; the relay"
              + " asks anew at each login. poststation connector test tries it.";
    } else if (secret.handedOut()) {
      why =
          "systemd hands out the secret (credential:): change it where LoadCredential= takes it"
              + " from and restart the service, which is when systemd reads it, or write"
              + " \"file:PATH\", which can be rotated.";
    } else {
      why =
          "the secret comes with the start of the service (env:): change it there and restart the"
              + " service, or write \"file:PATH\", which can be rotated.";
    }
    return new Failure(Exit.WRONG, secret.origin().text() + ": " + why);
  }

  private static String revealed(Secret secret) {
    try {
      return secret.reveal();
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, "The present secret cannot be read: " + e.getMessage() + ".");
    }
  }

  private String fresh() {
    String text;
    try {
      text =
          from == null || from.toString().equals("-")
              ? Optional.ofNullable(
                      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                          .readLine())
                  .orElse("")
              : new String(common.os().disk().read(from), StandardCharsets.UTF_8)
                  .replaceFirst("\\r?\\n\\z", "");
    } catch (IOException e) {
      throw new Failure(
          Exit.WRONG, "--secret-from: " + from + " cannot be read: " + Words.why(e) + ".");
    }
    if (text.isEmpty() || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
      throw new Failure(Exit.WRONG, "--secret-from: a secret is one line that is not empty.");
    }
    return text;
  }
}
