package dev.poststation.cli;

import static dev.poststation.config.OauthGrant.Type.JWT_BEARER;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.TrialRoutes;
import dev.poststation.config.Account;
import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.Origin;
import dev.poststation.smtp.Address;
import dev.poststation.tls.ClientKey;
import dev.poststation.tls.TlsException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The part of `credential rotate` that replaces a certificate and its key: those that next hops
/// are shown, or those by which an account gets its tokens. Used by one thread.
final class CertificateRotation {
  /// Where a host that failed says nothing of a certificate: it was not reached.
  private static final Set<String> UNMET = Set.of("route", "connect");

  private final Common common;
  private final Configuration configuration;
  private final Connector connector;

  /// Null: it is what next hops are shown.
  private final @Nullable Account account;

  private final CertificateFiles old;
  private final CertificateFiles fresh;

  /// What is asked about besides.
  record Mail(Address from, List<Address> to) {}

  private CertificateRotation(
      Common common,
      Configuration configuration,
      Connector connector,
      @Nullable Account account,
      CertificateFiles old,
      CertificateFiles fresh) {
    this.common = common;
    this.configuration = configuration;
    this.connector = connector;
    this.account = account;
    this.old = old;
    this.fresh = fresh;
  }

  /// @param connector decided for an account, where it has several
  /// @param chain the new certificate
  /// @param key its key
  /// @param tokens whether that for tokens is meant; null: the only one there is
  static CertificateRotation of(
      Common common,
      Configuration configuration,
      Connector connector,
      Path chain,
      Path key,
      @Nullable Boolean tokens) {
    var shown = connector.tls().certificate();
    var account = connector.account();
    var grant = account == null ? null : account.grant();
    var proof = grant == null ? null : files(grant.certificate(), grant.key());
    if (shown != null && proof != null && tokens == null) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector.name()
              + " has a certificate that next hops are shown, and one for tokens: say which (--of"
              + " tls or --of oauth).");
    }
    boolean forTokens = tokens == null ? proof != null : tokens;
    var old = forTokens ? proof : shown;
    if (old == null && account != null && grant != null && grant.type() == JWT_BEARER) {
      throw new Failure(
          Exit.WRONG,
          "Account "
              + account.name()
              + " gets its tokens by the key of a service account, which has no certificate: say"
              + " --key alone.");
    }
    if (old == null) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector.name()
              + (forTokens
                  ? " has no client-certificate with a client-key in auth."
                  : " has no certificate that could be replaced; write one into the"
                      + " configuration."));
    }
    var fresh = new CertificateFiles(chain, key, old.origin());
    return new CertificateRotation(
        common, configuration, connector, forTokens ? account : null, old, fresh);
  }

  private static @Nullable CertificateFiles files(@Nullable Path chain, @Nullable Path key) {
    return chain == null || key == null ? null : new CertificateFiles(chain, key, Origin.DEFAULT);
  }

  /// @param mail asked about where a next hop lets everybody in, and takes mail from those whose
  ///   certificate it knows; null: none
  int rotate(Loaded loaded, @Nullable Mail mail) {
    var certificate = usable();
    byte[] chain = read(fresh.chain());
    byte[] key = read(fresh.key());
    byte[] oldChain = read(old.chain());
    byte[] oldKey = read(old.key());
    if (Arrays.equals(chain, oldChain) && Arrays.equals(key, oldKey)) {
      throw new Failure(
          Exit.WRONG, "These are in " + old.chain() + " and " + old.key() + " already.");
    }
    var changed = changed();
    var rotation = new Rotation(common, "certificate", old.chain());
    var noToken =
        account == null
            ? Optional.<String>empty()
            : rotation.noToken(configuration, account.with(fresh));
    if (noToken.isPresent()) {
      return rotation.refused(null, noToken.get());
    }
    var tried = tryIt(changed, mail);
    if (!accepted(tried)) {
      return rotation.refused(
          tried, isUnmet(tried) ? rotation.unknown(tried) : rotation.useless());
    }
    replace(chain, key, oldKey);
    var proof = rotation.byRelay(loaded, account, trial(mail));
    if (proof.isPresent() && !accepted(proof.get()) && !isUnmet(proof.get())) {
      replace(oldChain, oldKey, key);
      return rotation.refusedByRelay(proof.get());
    }
    done(rotation, certificate, tried, proof);
    return Exit.OK;
  }

  private X509Certificate usable() {
    try {
      var loaded = ClientKey.of(fresh.chain(), fresh.key(), common.os().disk());
      var certificate = loaded.certificate().orElseThrow();
      var ends = certificate.getNotAfter().toInstant();
      if (ends.isBefore(common.os().time().now())) {
        throw new Failure(Exit.WRONG, "The new certificate has expired on " + ends + ".");
      }
      return certificate;
    } catch (TlsException e) {
      throw new Failure(
          Exit.WRONG,
          "The new certificate cannot be used: "
              + Words.shown(String.valueOf(e.getMessage()))
              + ".");
    }
  }

  private byte[] read(Path file) {
    try {
      return common.os().disk().read(file);
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, file + " cannot be read: " + Words.why(e) + ".");
    }
  }

  private Connector changed() {
    return account == null
        ? connector.under(connector.tls().with(fresh))
        : connector.as(account.with(fresh));
  }

  private JsonNode tryIt(Connector changed, @Nullable Mail mail) {
    try {
      return TrialRoutes.asking(
          common.os(),
          configuration,
          changed,
          mail == null ? null : mail.from(),
          mail == null ? List.of() : mail.to());
    } catch (IllegalArgumentException e) {
      throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }

  private ObjectNode trial(@Nullable Mail mail) {
    var trial = JsonNodeFactory.instance.objectNode().put("connector", connector.name());
    var its = connector.account();
    if (its != null) {
      trial.put("account", its.name());
    }
    if (mail != null) {
      trial.put("from", mail.from().toString()).put("dryRun", true);
      var to = trial.putArray("to");
      mail.to().forEach(each -> to.add(each.toString()));
    }
    return trial;
  }

  /// Whether some host took all that was said, and none that was met did not.
  private static boolean accepted(JsonNode report) {
    boolean any = false;
    for (var host : report.path("hosts")) {
      boolean good = host.path("good").asBoolean();
      if (!good && !UNMET.contains(host.path("stage").asText())) {
        return false;
      }
      any |= good;
    }
    for (var answer : report.path("mail").path("recipients")) {
      any &= answer.path("status").asText().equals("would be taken");
    }
    return any;
  }

  /// Whether no host was met, so that none has said anything of it.
  private static boolean isUnmet(JsonNode report) {
    for (var host : report.path("hosts")) {
      if (host.path("good").asBoolean() || !UNMET.contains(host.path("stage").asText())) {
        return false;
      }
    }
    return !report.has("renewed");
  }

  /// Both files, or none. The key goes first: who reads in between finds that they do not belong
  /// together, keeps what he had, or tries again.
  private void replace(byte[] chain, byte[] key, byte[] formerKey) {
    renew(old.key(), key, "nothing was changed");
    try {
      common.os().disk().renew(old.chain(), chain);
    } catch (IOException e) {
      renew(old.key(), formerKey, "the key in " + old.key() + " is another one than before");
      throw cannot(old.chain(), e, "nothing was changed");
    }
  }

  private void renew(Path file, byte[] octets, String otherwise) {
    try {
      common.os().disk().renew(file, octets);
    } catch (IOException e) {
      throw cannot(file, e, otherwise);
    }
  }

  private static Failure cannot(Path file, IOException e, String otherwise) {
    return new Failure(
        Exit.UNAUTHORISED,
        file
            + " cannot be replaced: "
            + Words.why(e)
            + "; "
            + otherwise
            + ". Run the command as root, or as who may write into that directory.");
  }

  private void done(
      Rotation rotation,
      X509Certificate certificate,
      JsonNode tried,
      Optional<ObjectNode> proof) {
    var ends = certificate.getNotAfter().toInstant();
    if (common.json()) {
      var report = rotation.report(true).put("key", old.key().toString());
      report.put("expires", ends.toString()).set("trial", tried);
      common.print(report);
      return;
    }
    common
        .out()
        .println(
            "The new certificate, good until "
                + ends
                + ", was taken at connector "
                + connector.name()
                + " and stands in "
                + old.chain()
                + ", its key in "
                + old.key()
                + proof
                    .map(CertificateRotation::shown)
                    .orElse(
                        ". No relay that runs could be asked; one takes it at its next"
                            + " connection."));
  }

  private static String shown(ObjectNode proof) {
    return isUnmet(proof)
        ? ". The running relay takes it at its next connection; it could not try it now: "
            + Rotation.why(proof)
        : "; the running relay has shown it. Connections that are open go on as they are.";
  }
}
