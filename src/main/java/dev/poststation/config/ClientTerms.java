package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a client may send: the second half of an entry of `clients`. Immutable.
///
/// @param senders for the envelope
/// @param headerSenders for the From field
/// @param otherwise what becomes of mail with another sender
/// @param replacement who takes the place of another sender; null: found in the lists
/// @param recipients patterns; empty: any
/// @param messageSize octets; 0: as `limits` says
/// @param recipientsPerMail 0: as `limits` says
/// @param connections of one client at once; 0: as `limits` says
/// @param rate mails; empty: as many as it likes
/// @param recipientsRate recipients; empty: as many as it likes
/// @param senderRate mails of each sender; empty: as many as it likes
/// @param senderRecipientsRate recipients of each sender; empty: as many as it likes
/// @param outbreak what becomes of its mail when it is not itself; null: as `limits` says
/// @param futureRelease how long its mail may be held before it is sent (RFC 4865); zero: not at
///   all
/// @param maxPriority the highest that its mail may ask for (RFC 6710); null: it may not ask
/// @param minDeliverBy the least time within which its mail may have to be delivered or be returned
///   (RFC 2852); zero: no such wish is heard
public record ClientTerms(
    Senders senders,
    Senders headerSenders,
    Otherwise otherwise,
    @Nullable Address replacement,
    List<String> recipients,
    long messageSize,
    int recipientsPerMail,
    int connections,
    List<Rate> rate,
    List<Rate> recipientsRate,
    List<Rate> senderRate,
    List<Rate> senderRecipientsRate,
    OutbreakSettings.@Nullable Action outbreak,
    Duration futureRelease,
    @Nullable Integer maxPriority,
    Duration minDeliverBy) {
  /// No more than `limits` says.
  public static final ClientTerms FREE =
      new ClientTerms(
          Senders.ANY,
          Senders.ANY,
          Otherwise.REJECT,
          null,
          List.of(),
          0,
          0,
          0,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          null,
          Duration.ZERO,
          null,
          Duration.ZERO);

  /// What becomes of mail with a sender that the client may not use.
  public enum Otherwise {
    /// It is refused.
    REJECT,
    /// An allowed one takes its place.
    REPLACE,
    /// It is taken and waits for an administrator.
    HOLD
  }

  public ClientTerms {
    recipients = List.copyOf(recipients);
    rate = List.copyOf(rate);
    recipientsRate = List.copyOf(recipientsRate);
    senderRate = List.copyOf(senderRate);
    senderRecipientsRate = List.copyOf(senderRecipientsRate);
  }

  /// Whether somebody answers for who stands in From: to whom all the world is open is one of us,
  /// and of others it was looked at. Mail that waits because of it counts as not looked at.
  public boolean answerForAuthors() {
    return recipients.isEmpty() || (!headerSenders.any() && otherwise != Otherwise.HOLD);
  }

  /// What is granted by them beyond [#FREE], with nothing that binds.
  ClientTerms withoutLimits() {
    return new ClientTerms(
        Senders.ANY,
        Senders.ANY,
        Otherwise.REJECT,
        null,
        List.of(),
        0,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        outbreak,
        futureRelease,
        maxPriority,
        minDeliverBy);
  }

  static ClientTerms read(Section in) {
    Senders senders =
        senders(
            in,
            "senders",
            """
            Who may stand in MAIL FROM: `any`; `own`, the addresses of the user that authenticated;
            addresses and domains, written as in `routes`. `own` may stand in a list with others.
            The null sender of notices and read receipts is one of them only as `<>`.
            """);
    Senders headerSenders =
        senders(
            in,
            "header-senders",
            """
            Likewise who may stand in the From field of the header, which is what people see. All
            addresses of all From fields must be allowed; a mail whose From field is missing, or
            cannot be understood, is none of an allowed sender. It is looked at after the content
            has come.
            """);
    Otherwise otherwise =
        in.read(
            "otherwise",
            Kinds.choice(Otherwise.class),
            "reject",
            """
            What becomes of mail with a sender that is not allowed: `reject` it with 550 5.7.1,
            `replace` the sender by an allowed one, or take it and `hold` it for an administrator, so
            that nothing is lost while a list of senders is still being found out. Where the From
            field is replaced, the name in it stays, and the old address becomes the Reply-To, if
            there is none. The null sender is not replaced: who may not use it is refused.
            """);
    Optional<Address> replacement =
        in.optional(
            "replacement",
            ClientKinds.ADDRESS,
            Standard.none(
                "the first address of the user where `own` is allowed, else the first whole address"
                    + " of the list",
                "noreply@example.com"),
            """
            Who becomes the sender with `otherwise = replace`.
            """);
    checkReplacement(in, senders, headerSenders, otherwise, replacement.isPresent());
    checkOtherwise(in, senders, headerSenders, otherwise);
    return new ClientTerms(
        senders,
        headerSenders,
        otherwise,
        replacement.orElse(null),
        recipients(in),
        size(in),
        number(
            in,
            "recipients-per-mail",
            "as `limits.recipients`",
            """
            How many recipients one mail may have; 452 4.5.3 beyond. Never more than
            `limits.recipients`.
            """),
        number(
            in,
            "connections",
            "as `limits.sessions-per-client`",
            """
            How many sessions one client of the entry may have at once: one user, or one address
            where nobody has authenticated. It is looked at when a mail begins; 421 4.7.0 beyond.
            Never more than `limits.sessions-per-client`.
            """),
        rates(
            in,
            "rate",
            """
            How many mails one client of the entry may begin in a second, minute, hour or day: one
            user, or one address (of IPv6 one /64) where nobody has authenticated. So many may come
            at a stroke, then as many as grow back; 450 4.7.1 says when the next one may come. Of
            several rates, `["20/minute", "500/day"]`, all must have room; what one of them refuses
            counts in none. A restart, or a reload, does not begin anew; a rate that was changed
            does, alone.
            """,
            "20/minute",
            "500/day"),
        rates(
            in,
            "recipients-rate",
            """
            Likewise how many recipients, over all mails.
            """,
            "100/hour",
            "1000/day"),
        rates(
            in,
            "sender-rate",
            """
            How many mails each sender may begin, over all clients of the entry, beside `rate`: for
            mail servers and relays, whose clients all come from one address. A sender is the address
            in MAIL FROM, or the one that replaces it, before `rewrite` makes it another; the null
            sender is none. 450 4.7.1 beyond, to this sender only.
            """,
            "60/hour"),
        rates(
            in,
            "sender-recipients-rate",
            """
            Likewise how many recipients each sender may have, over all its mails.
            """,
            "1000/day"),
        in.optional(
                "outbreak",
                Kinds.choice(OutbreakSettings.Action.class),
                Standard.none("as `limits.outbreak.action`", "hold"),
                """
                What becomes of the mail of a client of the entry that is not itself any more: `off`,
                `report`, `throttle` or `hold`, as in `limits.outbreak`, which says when that is so.
                """)
            .orElse(null),
        in.optional(
                "future-release",
                Kinds.duration("1 minute", "366 days"),
                Standard.none("mail is sent at once", "7 days"),
                """
                How long before it is to be sent clients of the entry may hand in a mail (FUTURERELEASE,
                RFC 4865): with HOLDFOR or HOLDUNTIL in MAIL it waits here for its time; 501 5.5.4
                beyond. Without the key that is not offered, and refused with 555 5.5.4.
                """)
            .orElse(Duration.ZERO),
        in.optional(
                "max-priority",
                Kinds.integer(0, 9),
                Standard.none("mail has no say in it", "4"),
                """
                The highest priority that mail of the entry may ask for, from 0 to 9 (MT-PRIORITY, RFC
                6710): at each destination the higher one goes first, and below 0 it is bulk. A mail
                that asks for more gets this one, and is told so by 250 2.3.6. Without the key that is
                not offered, and refused with 555 5.5.4.
                """)
            .orElse(null),
        in.optional(
                "min-deliver-by",
                Kinds.duration("1 second", "1 day"),
                Standard.none("mail cannot say by when", "30 seconds"),
                """
                Lets mail of the entry say by when it is to be delivered (DELIVERBY, RFC 2852): with
                `BY=3600;R` in MAIL it goes back to its sender when it is not delivered in an hour, with
                `BY=3600;N` its sender is told then. This is the shortest time that may be said with R;
                555 5.5.4 below. Without the key that is not offered, and refused with 555 5.5.4.
                """)
            .orElse(Duration.ZERO));
  }

  private static void checkReplacement(
      Section in, Senders senders, Senders headers, Otherwise otherwise, boolean written) {
    if (written && otherwise != Otherwise.REPLACE) {
      in.warning(
          "replacement",
          in.path("replacement") + " is never used: otherwise is not replace",
          "write otherwise = replace, or remove it");
    }
    boolean read = !in.refused("senders") && !in.refused("header-senders");
    if (otherwise == Otherwise.REPLACE && !written && read && !in.refused("replacement")) {
      for (var allowed : List.of(senders, headers)) {
        if (!allowed.any() && !allowed.own() && allowed.firstAddress().isEmpty()) {
          in.error(
              "otherwise",
              in.path("otherwise") + " = replace has no address to replace a sender by",
              "write, for example, replacement = \"noreply@example.com\"");
          return;
        }
      }
    }
  }

  private static void checkOtherwise(
      Section in, Senders senders, Senders headers, Otherwise otherwise) {
    boolean read = !in.refused("senders") && !in.refused("header-senders");
    if (otherwise != Otherwise.REJECT && senders.any() && headers.any() && read) {
      in.warning(
          "otherwise",
          in.path("otherwise")
              + " = "
              + Kinds.word(otherwise)
              + " is never used: any sender is allowed",
          "write senders or header-senders, or remove it");
    }
  }

  private static Senders senders(Section in, String key, String doc) {
    List<String> words =
        in.list(key, ClientKinds.SENDER, Standard.list(ClientKinds.SENDER, "any"), doc);
    in.refuseEmpty(key, words, "write any, own, or who may be sender");
    if (words.contains("any") && words.size() > 1) {
      in.error(key, in.path(key) + " has any and others", "write any alone, or leave it out");
    }
    for (String word : words) {
      if (word.matches("@?[^@.<\\[]+") && !word.equals("any") && !word.equals("own")) {
        in.warning(
            key,
            in.path(key) + ": \"" + word + "\" is taken for a domain, and has no dot",
            Nearest.remedy(word, List.of("own", "any"), "write a whole domain"));
      }
    }
    return Senders.of(words);
  }

  private static List<String> recipients(Section in) {
    List<String> words =
        in.list(
            "recipients",
            ClientKinds.RECIPIENT,
            Standard.list(ClientKinds.RECIPIENT, "any"),
            """
            To whom clients of the entry may send: `any`, or addresses and domains as in `routes`;
            550 5.7.1 to others. For a machine that has only one reader, whatever breaks into it.
            """);
    in.refuseEmpty("recipients", words, "write any, or who may be recipient");
    if (words.contains("any") && words.size() > 1) {
      in.error(
          "recipients",
          in.path("recipients") + " has any and others",
          "write any alone, or leave it out");
    }
    return words.contains("any") ? List.of() : words;
  }

  private static long size(Section in) {
    return in.optional(
            "message-size",
            Kinds.size("1 kB", "2 GB"),
            Standard.none("as `limits.message-size`", "10 MB"),
            """
            How large a mail may be; 552 5.3.4 beyond. Never more than `limits.message-size`.
            """)
        .orElse(0L);
  }

  private static int number(Section in, String key, String words, String doc) {
    return in.optional(key, Kinds.integer(1, 1_000_000), Standard.none(words, "10"), doc).orElse(0);
  }

  private static List<Rate> rates(Section in, String key, String doc, String... example) {
    List<Rate> rates = Rate.all(in, key, Standard.emptyList("as many as it likes", example), doc);
    in.refuseEmpty(key, rates, "write a rate, as in \"60/hour\", or remove it");
    for (Rate rate : rates) {
      rates.stream()
          .filter(other -> !other.unit().equals(rate.unit()) && other.forestalls(rate))
          .findFirst()
          .ifPresent(
              other ->
                  in.warning(
                      key,
                      in.path(key) + ": " + rate + " is never reached: " + other + " is less",
                      "remove \"" + rate + "\", or make it smaller"));
    }
    return rates;
  }
}
