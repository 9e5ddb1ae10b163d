package dev.poststation;

import static java.util.stream.Collectors.toMap;

import dev.poststation.archive.Archive;
import dev.poststation.archive.Bucket;
import dev.poststation.content.Seals;
import dev.poststation.log.Metrics;
import dev.poststation.policy.Suppression;
import dev.poststation.quarantine.Digests;
import dev.poststation.spool.Spool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Tells the metrics where to look for what is counted elsewhere. Pure functions.
final class Measures {
  private Measures() {}

  /// From now on the metrics are those of this relay.
  static void begin(Poststation relay, Seals seals, Metrics metrics) {
    var queue = relay.queue();
    var spool = relay.spool();
    metrics.sessions(relay::sessions);
    metrics.queue("active", () -> queue.load().active());
    metrics.queue("ready", () -> queue.load().ready());
    metrics.queue("incoming", () -> queue.waiting().incoming());
    metrics.queue("deferred", () -> queue.waiting().deferred());
    metrics.queue("parked", () -> queue.waiting().parked());
    metrics.queue("held", () -> queue.waiting().held());
    metrics.queue("quarantine", () -> queue.waiting().quarantined());
    metrics.hostsLast(() -> queue.load().hostsLast());
    metrics.spool(
        () -> spool.usage().mails(),
        () -> spool.usage().corrupt(),
        () -> spool.usage().bytesOnDisk(),
        () -> spool.usage().commits(),
        () -> spool.usage().syncs());
    var policies = relay.policies();
    metrics.policies(() -> policies.all().size(), policies::fetched, policies::failed);
    var tally = relay.reporter().tally();
    metrics.tlsSessions(tally::successful, tally::failed);
    metrics.digests(
        relay.digests()::sent,
        Digests.RESULTS.stream().collect(toMap(it -> it, it -> () -> relay.digests().calls(it))));
    metrics.harvested(() -> seals.smime().harvested());
    var revocation = seals.smime().revocation();
    metrics.revocation(revocation::asked, revocation::failed);
    metrics.harvestedKeys(() -> seals.openPgp().harvested());
    var webKeys = seals.openPgp().webKeys();
    metrics.webKeys(webKeys::answered, webKeys::failed);
    metrics.devices(() -> relay.profiles().deviating());
    metrics.tokens(new AccountTokens(relay.tokens())::measured);
    metrics.certificates(() -> expiries(relay, seals), () -> unusable(relay));
    metrics.signingKeys(
        () ->
            relay.signing().standings().stream()
                .map(
                    each ->
                        new Metrics.SigningKey(
                            each.domain().domain(),
                            each.held().entry().selector(),
                            each.held().entry().state().word(),
                            each.held().entry().since().map(Instant::getEpochSecond).orElse(0L),
                            each.published().map(there -> there ? 1 : 0).orElse(-1)))
                .toList());
    metrics.listings(() -> relay.sources().listings(relay.configuration()));
    metrics.quotas(() -> quotas(relay));
    metrics.archives(
        () ->
            Stream.concat(
                    relay.services().archives().stream().map(Measures::level),
                    relay.services().buckets().stream().map(Measures::level))
                .toList());
    metrics.suppressed(() -> relay.clients().suppression().map(Suppression::count).orElse(0));
    metrics.blocks(() -> relay.guard().blocks().size());
    metrics.spoolRefuses("full", () -> spool.problem().filter(Spool.Problem::full).isPresent());
    metrics.spoolRefuses("out-of-order", () -> !spool.inOrder());
  }

  /// When each certificate ends, by its file, in seconds since 1970.
  private static Map<String, Long> expiries(Poststation relay, Seals seals) {
    var connectors = relay.configuration().connectors().values();
    var expiries = relay.shownCertificates().expiries(connectors);
    expiries.putAll(relay.certificates().expiries());
    expiries.putAll(seals.expiries());
    return expiries;
  }

  /// Whether the files of a certificate, or of authorities, cannot be used as they are now. Several
  /// may use the same.
  private static Map<String, Boolean> unusable(Poststation relay) {
    var now = relay.configuration();
    var unusable = relay.shownCertificates().unusable(now.connectors().values());
    relay
        .certificates()
        .unusable(Concerns.authorities(now.listeners()))
        .forEach((file, is) -> unusable.merge(file, is, Boolean::logicalOr));
    return unusable;
  }

  private static Metrics.ArchiveLevel level(Archive.Standing archive) {
    return new Metrics.ArchiveLevel(
        archive.directory().toString(),
        archive.last(),
        seconds(archive.lastAt()),
        archive.usable());
  }

  private static Metrics.ArchiveLevel level(Bucket.Standing bucket) {
    return new Metrics.ArchiveLevel(bucket.bucket(), -1, seconds(bucket.lastAt()), -1);
  }

  private static long seconds(@Nullable Instant time) {
    return time == null ? 0 : time.getEpochSecond();
  }

  private static List<Metrics.Quota> quotas(Poststation relay) {
    List<Metrics.Quota> all = new ArrayList<>();
    for (var connector : relay.configuration().connectors().values()) {
      for (var each : connector.withQuotas()) {
        var account = each.hasAccounts() ? each.account() : null;
        for (var used : relay.queue().quotas().used(each)) {
          all.add(
              new Metrics.Quota(
                  connector.name(),
                  account == null ? "" : account.name(),
                  (used.recipients() ? "recipients/" : "mails/") + used.rate().unit(),
                  used.left(),
                  used.rate().count()));
        }
        int most = each.pool().connections();
        if (most > 0) {
          int left = Math.max(0, most - relay.queue().connections(each));
          String user = account == null ? "" : account.name();
          all.add(new Metrics.Quota(connector.name(), user, "connections", left, most));
        }
      }
    }
    return all;
  }
}
