package dev.poststation.content;

import dev.poststation.config.ArcService;
import dev.poststation.config.ArchiveService;
import dev.poststation.config.AttachmentsService;
import dev.poststation.config.Configuration;
import dev.poststation.config.ContentRule;
import dev.poststation.config.ContentService;
import dev.poststation.config.DisclaimerService;
import dev.poststation.config.IcapService;
import dev.poststation.config.JournalService;
import dev.poststation.config.ListUnsubscribe;
import dev.poststation.config.MaildirService;
import dev.poststation.config.MboxService;
import dev.poststation.config.MilterService;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.MirrorService;
import dev.poststation.config.OpenPgpService;
import dev.poststation.config.RspamdService;
import dev.poststation.config.S3Service;
import dev.poststation.config.SealService;
import dev.poststation.config.SmimeService;
import dev.poststation.config.SpamdService;
import dev.poststation.config.Zones;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Directories;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.os.Os;
import dev.poststation.smime.Smime;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/// Makes the services of a configuration. A pure function but for what the services do later.
public final class Services {
  private Services() {}

  /// The pipeline of a configuration.
  ///
  /// @param signing the domains whose mail is signed
  /// @param seals keys and certificates of mail
  /// @param sevenBit makes what is signed fit for every relay
  /// @param kept what outlives a configuration
  /// @param watch is told when a service goes down or is back
  public static Pipeline of(
      Configuration configuration,
      Resolver resolver,
      Directories directories,
      Supplier<SigningDomains> signing,
      Supplier<Seals> seals,
      SevenBit sevenBit,
      Kept kept,
      Os os,
      ServiceWatch watch) {
    var zones = new Zones(configuration.clients(), configuration.listeners());
    List<Step> steps = new ArrayList<>(configuration.content().size());
    for (ContentRule rule : configuration.content()) {
      var when = When.of(rule.when(), zones, directories, configuration.limits().mime());
      steps.add(
          new Step(
              rule,
              when,
              service(
                  rule,
                  when,
                  configuration,
                  resolver,
                  directories,
                  signing,
                  new Sealing(
                      seals,
                      directories,
                      sevenBit,
                      configuration.limits().mime(),
                      configuration.content()),
                  kept,
                  os),
              new Breaker(rule.retryAfter())));
    }
    return new Pipeline(steps, os.tasks(), os.time(), watch, configuration.quarantine().keep());
  }

  /// What services that sign, encrypt, decrypt and verify need.
  private record Sealing(
      Supplier<Seals> seals,
      Directories directories,
      SevenBit sevenBit,
      MimeLimits limits,
      List<ContentRule> all) {
    /// Whether what encrypts looks for the same tag, behind what signs.
    private boolean looksToo(SealService.Wish wish) {
      return all.stream()
          .anyMatch(
              each ->
                  each.service() instanceof SealService.Encrypts encrypt
                      && Objects.equals(encrypt.wish().tag(), wish.tag())
                      && Objects.equals(encrypt.wish().field(), wish.field()));
    }

    private <E extends dev.poststation.seal.Kept> Service signing(
        SealService.Signs settings, Signing.Signatures<E> signatures, Os os) {
      return new Signing<>(settings, looksToo(settings.wish()), signatures, sevenBit, os);
    }

    Service of(SmimeService settings, Os os) {
      Supplier<Smime> smime = () -> seals.get().smime();
      return switch (settings) {
        case SmimeService.Sign sign -> signing(sign, new SmimeSignatures(sign, smime), os);
        case SmimeService.Encrypt encrypt ->
            new Encrypting<>(encrypt, new SmimeEnvelopes(encrypt, smime, directories));
        case SmimeService.Decrypt _ -> new SmimeDecrypting(smime, limits);
        case SmimeService.Verify verify -> new SmimeVerifying(verify, smime, limits);
      };
    }

    Service of(OpenPgpService settings, Os os) {
      Supplier<OpenPgp> openPgp = () -> seals.get().openPgp();
      return switch (settings) {
        case OpenPgpService.Sign sign -> signing(sign, new OpenPgpSignatures(openPgp), os);
        case OpenPgpService.Encrypt encrypt ->
            new Encrypting<>(encrypt, new OpenPgpEnvelopes(encrypt, openPgp, os));
        case OpenPgpService.Decrypt _ -> new OpenPgpDecrypting(openPgp, limits);
        case OpenPgpService.Verify verify -> new OpenPgpVerifying(verify, openPgp, limits);
      };
    }
  }

  private static Service service(
      ContentRule rule,
      When when,
      Configuration configuration,
      Resolver resolver,
      Directories directories,
      Supplier<SigningDomains> signing,
      Sealing sealing,
      Kept kept,
      Os os) {
    var correspondents = kept.correspondents();
    return switch (rule.service()) {
      case ArchiveService archive -> new Archiving(rule.name(), archive, when, kept.archives());
      case MaildirService(var copy, var directory) ->
          new FilesArchiving(
              rule.name(),
              copy,
              when,
              "maildir",
              directory,
              (host, about, content, atMost) ->
                  kept.maildirs().add(directory, host, about, content, atMost));
      case MboxService(var copy, var directory) ->
          new FilesArchiving(
              rule.name(),
              copy,
              when,
              "mbox",
              directory,
              (_, about, content, atMost) -> kept.mboxes().add(directory, about, content, atMost));
      case S3Service bucket -> new BucketArchiving(rule.name(), bucket, when, kept.buckets());
      case JournalService journal ->
          new Journaling(rule.name(), journal, when, mailboxes(configuration), kept.seal(), os);
      case MirrorService mirror ->
          new Mirroring(rule.name(), mirror, when, filters(configuration), kept, os);
      case MilterService milter -> new Milter(milter, resolver, os);
      case ContentService.Clamav clamav -> new Clamav(clamav, resolver, os);
      case ContentService.HeaderEdits edits -> new HeaderEditing(edits);
      case SmimeService settingsOfSmime -> sealing.of(settingsOfSmime, os);
      case OpenPgpService settingsOfOpenPgp -> sealing.of(settingsOfOpenPgp, os);
      case ContentService.DkimSign _ -> new DkimSigning(signing);
      case ListUnsubscribe unsubscribe -> new ListUnsubscribing(unsubscribe, os);
      case ArcService arc -> new ArcSealing(arc, signing);
      case ContentService.Remember _ -> new Remembering(correspondents);
      case RspamdService rspamd -> new Rspamd(rspamd, resolver, correspondents, os);
      case SpamdService spamd -> new Spamd(spamd, resolver, correspondents, os);
      case DisclaimerService disclaimer ->
          new Disclaiming(disclaimer, configuration.limits().mime(), directories, os.time());
      case IcapService icap -> new Icap(icap, resolver, os);
      case AttachmentsService attachments ->
          new AttachmentRules(attachments, configuration.limits().mime(), os.time());
    };
  }

  /// All that get copies to learn from.
  private static Set<Address> filters(Configuration configuration) {
    Set<Address> all = new LinkedHashSet<>();
    for (ContentRule rule : configuration.content()) {
      if (rule.service() instanceof MirrorService mirror) {
        all.add(mirror.to());
      }
    }
    return all;
  }

  /// All that get journal reports.
  private static Set<Address> mailboxes(Configuration configuration) {
    Set<Address> all = new LinkedHashSet<>();
    for (ContentRule rule : configuration.content()) {
      if (rule.service() instanceof JournalService journal) {
        all.add(journal.to());
        if (journal.alternate() != null) {
          all.add(journal.alternate());
        }
      }
    }
    return all;
  }
}
