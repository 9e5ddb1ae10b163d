package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Tlsa;
import dev.poststation.dns.TlsaSearch;
import dev.poststation.dns.TlsaSearch.Found;
import dev.poststation.route.NextHop;
import dev.poststation.sts.StsTerms;
import dev.poststation.tls.AlternativeNames;
import dev.poststation.tls.CertificateFlaw;
import dev.poststation.tls.Dane;
import dev.poststation.tls.Pins;
import dev.poststation.tlsrpt.AppliedPolicy;
import dev.poststation.tlsrpt.ResultType;
import dev.poststation.tlsrpt.TlsSession;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What one host must show, after the DNS was asked where the terms say so. Immutable.
///
/// @param terms none that depends on the DNS any more
/// @param records with which its certificate is compared; empty: none
/// @param names of which its certificate must carry one, where an authority vouches for it
/// @param note what was found in the DNS, for the transcript; empty: nothing was asked
/// @param sts what the domain's policy says of it; null: there is none, or the DNS comes before it
/// @param watch what the domain is told of, and what is wrong already; null: nothing
record HopTls(
    TlsTerms terms,
    List<Tlsa> records,
    List<String> names,
    String note,
    @Nullable StsTerms sts,
    @Nullable TlsSession watch) {
  HopTls {
    records = List.copyOf(records);
    names = List.copyOf(names);
  }

  /// Either what the host must show, or why nothing can be sent to it now.
  sealed interface Decision {
    record Good(HopTls tls) implements Decision {}

    /// Nobody knows now.
    ///
    /// @param seen what the domain is told of it; null: nothing
    record Unknown(String why, @Nullable TlsSession seen) implements Decision {}

    /// Nothing of this kind can ever be sent to it.
    record Never(String why) implements Decision {}
  }

  /// Decides. Blocks while the DNS is asked.
  static Decision of(Connector connector, NextHop hop, Resolver resolver) {
    var terms = connector.tls();
    String name = terms.name() == null ? hop.host() : terms.name();
    if (!terms.asks()) {
      return new Decision.Good(new HopTls(terms, List.of(), List.of(name), "", null, null));
    }
    if (!terms.level().byDane() || !hop.assurance().vouched()) {
      return otherwise(terms, name, hop, "");
    }
    return switch (TlsaSearch.of(resolver, hop.host(), hop.port())) {
      case Found.Failed(var reason) -> {
        var tlsa = new AppliedPolicy(AppliedPolicy.Type.TLSA, hop.host(), List.of(), List.of());
        yield new Decision.Unknown(reason, failed(hop, tlsa, ResultType.DNSSEC_INVALID, reason));
      }
      case Found.Nothing(var why) -> otherwise(terms, name, hop, "no DANE: " + why);
      case Found.Records found when found.usable().isEmpty() && (enforced(hop) || terms.strict()) ->
          // Each demands encryption, and the policy more (RFC 8461 2).
          otherwise(terms, name, hop, "no DANE: none of its TLSA records is usable");
      case Found.Records found -> new Decision.Good(byRecords(terms, found, hop));
    };
  }

  private static boolean enforced(NextHop hop) {
    var sts = hop.assurance().sts();
    return sts != null && sts.enforced();
  }

  /// Where the DNS says nothing that counts.
  private static Decision otherwise(TlsTerms terms, String name, NextHop hop, String note) {
    var assurance = hop.assurance();
    var sts = assurance.sts();
    if (sts != null && sts.enforced() && !sts.listed()) {
      String why = "it " + sts.unlisted();
      return new Decision.Unknown(
          why, failed(hop, policy(sts), ResultType.VALIDATION_FAILURE, sts.unlisted()));
    }
    var demanded = terms.at(assurance.otherwise(), assurance.source());
    if (terms.strict() && !assurance.vouched() && (sts == null || !sts.listed())) {
      if (assurance.unsure()) {
        return new Decision.Unknown(
            "whether it is a mail exchanger by a policy of MTA-STS is not known now, and the mail"
                + " demands it (REQUIRETLS)",
            null);
      }
      return new Decision.Never(
          "neither DNSSEC nor MTA-STS says that it is a mail exchanger of that domain, and the mail"
              + " demands it (REQUIRETLS)");
    }
    if (terms.strict() && !enforced(hop)) {
      demanded = terms.at(Connector.Tls.VERIFY, "REQUIRETLS");
    }
    var watch = terms.strict() && sts == null ? null : watch(hop);
    return new Decision.Good(new HopTls(demanded, List.of(), List.of(name), note, sts, watch));
  }

  private static TlsSession watch(NextHop hop) {
    var sts = hop.assurance().sts();
    var trouble = hop.assurance().trouble();
    if (sts != null) {
      return sts.listed()
          ? new TlsSession(hop.assurance().domain(), policy(sts), null)
          : failed(hop, policy(sts), ResultType.VALIDATION_FAILURE, sts.unlisted());
    }
    return trouble == null
        ? new TlsSession(hop.assurance().domain(), AppliedPolicy.NONE, null)
        : failed(
            hop, new AppliedPolicy(AppliedPolicy.Type.STS, "", List.of(), List.of()), trouble, "");
  }

  private static AppliedPolicy policy(StsTerms sts) {
    var policy = sts.by().policy();
    return new AppliedPolicy(
        AppliedPolicy.Type.STS, sts.by().domain(), policy.lines(), policy.mx());
  }

  private static TlsSession failed(
      NextHop hop, AppliedPolicy policy, ResultType type, String code) {
    return new TlsSession(
        hop.assurance().domain(), policy, TlsSession.Failure.before(type, hop.host(), code));
  }

  private static HopTls byRecords(TlsTerms terms, Found.Records found, NextHop hop) {
    List<String> names = new ArrayList<>(List.of(found.base()));
    if (!hop.host().equals(found.base())) {
      names.add(hop.host());
    }
    names.addAll(hop.assurance().names());
    var usable = found.usable();
    String where = "TLSA of _" + hop.port() + "._tcp." + found.base();
    var demanded = terms.at(Connector.Tls.REQUIRED, where).named(found.base());
    String note =
        where
            + ": "
            + String.join(", ", found.records().stream().map(Tlsa::toString).toList())
            + (usable.isEmpty() ? ": none is usable, so that any certificate is taken" : "");
    var lines = found.records().stream().map(Tlsa::record).toList();
    var policy = new AppliedPolicy(AppliedPolicy.Type.TLSA, found.base(), lines, List.of());
    var watch = new TlsSession(hop.assurance().domain(), policy, null);
    return new HopTls(demanded, usable, names, note, null, watch);
  }

  /// What is wrong with the certificates that were shown, in words after "its certificate"; empty
  /// when nothing is, as far as that was not looked at in the handshake.
  Optional<CertificateFlaw> flaw(List<X509Certificate> chain, Instant now) {
    if (!records.isEmpty()) {
      return Dane.flaw(chain, records, names, now);
    }
    if (enforced()) {
      return AlternativeNames.flaw(chain, names.getFirst());
    }
    return terms.level() == Connector.Tls.PINNED
        ? Pins.flaw(chain, terms.pins(), names.getFirst(), now)
        : Optional.empty();
  }

  /// Whether certificates are looked at after the handshake.
  boolean looksCloser() {
    return !records.isEmpty() || terms.level() == Connector.Tls.PINNED || enforced();
  }

  /// Whether something is made of the certificates that were shown, be it a note.
  boolean judges() {
    return looksCloser() || sts != null;
  }

  private boolean enforced() {
    return sts != null && sts.enforced();
  }

  /// Where the demands come from, and what they are.
  String demand() {
    boolean published = !records.isEmpty() || enforced();
    return published ? terms.source() : terms.source() + " = " + terms.word();
  }

  /// What a policy that is not enforced would refuse of a host, or that it would refuse nothing;
  /// empty: there is no such policy.
  ///
  /// @param flaw what is wrong with the connection, a clause; empty: nothing
  Optional<String> trial(Supplier<Optional<String>> flaw) {
    var policy = sts;
    if (policy == null || policy.enforced()) {
      return Optional.empty();
    }
    var wrong = policy.listed() ? flaw.get() : Optional.of("it " + policy.unlisted());
    return Optional.of(
        policy.title()
            + " is in testing; enforced, it would "
            + wrong.map(why -> "refuse this host: " + why).orElse("take this host"));
  }
}
