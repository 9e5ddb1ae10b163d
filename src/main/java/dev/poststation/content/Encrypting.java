package dev.poststation.content;

import dev.poststation.config.SealService;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.Hold;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Encrypts mail for its recipients, by S/MIME or OpenPGP. Those that To and Cc name share one
/// mail; everybody else gets one of his own, for who is in an envelope can be seen by all who get
/// it. Safe for any thread; the work is done by those of [SealWork].
final class Encrypting<E extends Kept> implements Service {
  /// What is made of one mail may be as large as this many of the largest.
  private static final int ENVELOPED_MAX = 2;

  /// Names in a reply.
  private static final int NAMES_MAX = 3;

  private final SealService.Encrypts settings;
  private final Envelopes<E> envelopes;

  /// How a mail is put into an envelope that some can open. Implementations are safe for any
  /// thread.
  interface Envelopes<E extends Kept> {
    /// The service, as it is called in the configuration.
    String word();

    /// What is missing where somebody has none: "certificate" or "key".
    String noun();

    /// By whose key somebody can open it. Others may have to be asked for it.
    ///
    /// @throws IOException when they do not say; the message is a clause
    Choice<E> of(Address recipient, Ends ends) throws IOException;

    /// The mail in an envelope.
    ///
    /// @param entity what is in it
    Message envelope(Message message, byte[] entity, List<E> to) throws IOException;

    /// What it is encrypted by, for people.
    String cipher();

    /// What the sender is told.
    Reply missing(String names);

    /// The threads for it.
    SealWork work();
  }

  /// Until when others may be asked for the keys of one mail, by the clock that never goes back.
  ///
  /// @param all of them
  /// @param revocation those who say whether one was revoked: after that, nobody says so
  record Ends(long all, long revocation) {}

  /// By whose key.
  ///
  /// @param flaw why one that is there cannot be used, a clause; empty: there is none, or it can
  /// @param later whether there may be one later: nobody knows now
  record Choice<E>(Optional<E> key, String flaw, boolean later) {}

  /// By whose key all of them can open it.
  ///
  /// @param without those who cannot
  /// @param flaw of the first one of these
  /// @param later whether all of these may have one later
  private record Keys<E>(
      Map<Recipient, E> of, List<Recipient> without, String flaw, boolean later) {}

  Encrypting(SealService.Encrypts settings, Envelopes<E> envelopes) {
    this.settings = settings;
    this.envelopes = envelopes;
  }

  @Override
  public String describe() {
    return envelopes.word();
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var wished = Wished.of(came, settings.wish());
    var message = wished.without();
    boolean must = wished.wished() || settings.wish().policy() == SealService.Policy.ALWAYS;
    if (!must && settings.wish().policy() == SealService.Policy.NEVER) {
      return new Finding.Unchanged("not encrypted: its sender does not wish it");
    }
    if (Enclosure.type(message.header()).isEncrypted()) {
      return plain(came, message, "it is encrypted already");
    }
    var work = envelopes.work();
    long end = work.nanos() + atMost.toNanos();
    long began = end - atMost.toNanos();
    // Others may be slow to say; those who need not say anything do not take the time of the rest.
    var found = keys(facts, new Ends(began + atMost.toNanos() / 2, began + atMost.toNanos() / 4));
    var keys = found.of;
    var without = found.without;
    String lacks = without.isEmpty() ? "" : why(found);
    if (must && !without.isEmpty()) {
      if (found.later) {
        throw ServiceException.atThisMail("it must be encrypted, and nobody knows now: " + lacks);
      }
      return missing(names(without), lacks);
    }
    if (keys.isEmpty()) {
      return plain(came, message, lacks);
    }
    var groups = groups(message, keys);
    long size = message.size();
    long most = work.largest();
    long whole = size * groups.size();
    if (size > most || whole > most * ENVELOPED_MAX) {
      String why = "with " + size + " octets for " + groups.size() + " envelopes it is too large";
      return must
          ? new Finding.Refused(ContentReplies.TOO_LARGE_TO_ENCRYPT, why)
          : plain(came, message, why);
    }
    try {
      return work.work(
          whole,
          () -> encrypted(came, message, groups, keys, without, lacks),
          Duration.ofNanos(Math.max(0, end - work.nanos())));
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private static Finding plain(Message came, Message message, String why) {
    return message == came
        ? new Finding.Unchanged("not encrypted: " + why)
        : new Finding.Changed(message, "tag removed; not encrypted: " + why);
  }

  private Keys<E> keys(Facts facts, Ends ends) throws ServiceException {
    Map<Recipient, E> keys = new LinkedHashMap<>();
    List<Recipient> without = new ArrayList<>();
    String flaw = "";
    boolean later = true;
    for (var each : facts.recipients()) {
      if (envelopes.work().nanos() - ends.all > 0) {
        throw ServiceException.atThisMail("no time is left to look for each " + envelopes.noun());
      }
      try {
        var choice = envelopes.of(each.address(), ends);
        if (choice.key.isPresent()) {
          keys.put(each, choice.key.get());
        } else {
          flaw = without.isEmpty() ? choice.flaw : flaw;
          without.add(each);
          later &= choice.later;
        }
      } catch (IOException e) {
        throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
      }
    }
    return new Keys<>(keys, without, flaw, later);
  }

  private String why(Keys<E> found) {
    return "there is no valid "
        + envelopes.noun()
        + " of "
        + names(found.without)
        + (found.flaw.isEmpty() ? "" : " (" + found.flaw + ")");
  }

  private Finding missing(String names, String lacks) {
    String why = "it must be encrypted, but " + lacks;
    return settings.onMissing() == SealService.OnMissing.HOLD
        ? new Finding.Held(Hold.by(RecipientState.ON_MISSING, RecipientState.UNENCRYPTED + why))
        : new Finding.Refused(envelopes.missing(names), why);
  }

  private static String names(List<Recipient> of) {
    var names = of.stream().limit(NAMES_MAX).map(each -> each.address().toString()).toList();
    int more = of.size() - names.size();
    return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
  }

  /// Who shares an envelope.
  private List<List<Recipient>> groups(Message message, Map<Recipient, E> keys) {
    var named = named(message);
    List<Recipient> shown = new ArrayList<>();
    List<List<Recipient>> groups = new ArrayList<>();
    for (var each : keys.keySet()) {
      if (named.contains(Names.of(each.address()))) {
        shown.add(each);
      } else {
        groups.add(List.of(each));
      }
    }
    if (!shown.isEmpty()) {
      groups.addFirst(shown);
    }
    return groups;
  }

  private static Set<String> named(Message message) {
    Set<String> names = new HashSet<>();
    for (var field : message.fields().fields()) {
      if (field.name().equals("to") || field.name().equals("cc")) {
        HeaderAddresses.parse(field.raw(message.header()))
            .ifPresent(all -> all.forEach(each -> names.add(Names.of(each))));
      }
    }
    return names;
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private Finding encrypted(
      Message came,
      Message message,
      List<List<Recipient>> groups,
      Map<Recipient, E> keys,
      List<Recipient> without,
      String lacks)
      throws IOException {
    byte[] entity = Enclosure.entity(message).bytes();
    List<Finding.Share> shares = new ArrayList<>(groups.size() + 1);
    for (var group : groups) {
      var to = group.stream().map(keys::get).distinct().toList();
      var prints = to.stream().map(Object::toString).toList();
      String reason = envelopes.cipher() + " for " + String.join(", ", prints);
      shares.add(new Finding.Share(envelopes.envelope(message, entity, to), group, reason));
    }
    if (!without.isEmpty()) {
      shares.add(
          new Finding.Share(message == came ? null : message, without, "not encrypted: " + lacks));
    }
    return new Finding.Divided(shares);
  }
}
