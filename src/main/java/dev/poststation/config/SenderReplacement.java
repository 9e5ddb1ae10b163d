package dev.poststation.config;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a connector does with senders that its next hop does not take: many a provider takes none
/// but the address of the account. Immutable.
///
/// @param by who takes their place; null: the account that the mail goes by
/// @param senders patterns of those that the next hop takes as well
/// @param where in the envelope, in the header, or both
/// @param keep where the author stays to be seen
/// @param origin where it stands
public record SenderReplacement(
    @Nullable Address by, List<String> senders, Where where, Set<Keep> keep, Origin origin) {
  /// `replace-sender = account`.
  private static final String ACCOUNT = "account";

  private static final Kind<String> BY =
      new Kind<>(
          "`account` or mail address",
          Kind.Form.WORD,
          (text, where) ->
              text.equals(ACCOUNT)
                  ? Parsed.good(text)
                  : switch (ClientKinds.ADDRESS.read(text, where)) {
                    case Parsed.Good<Address> _ -> Parsed.good(text);
                    case Parsed.Bad<Address>(String fault, _) ->
                        Parsed.bad(
                            fault,
                            "write account, or an address like \"account@provider.example\"");
                  });

  /// Where a sender is replaced.
  public enum Where {
    /// In the envelope and in the header.
    BOTH,
    /// In MAIL FROM only.
    ENVELOPE,
    /// In the fields From and Sender only.
    HEADER;

    /// Whether the envelope is meant.
    public boolean envelope() {
      return this != HEADER;
    }

    /// Whether the header is meant.
    public boolean header() {
      return this != ENVELOPE;
    }
  }

  /// Where an author who was replaced stays to be seen.
  public enum Keep {
    /// In Reply-To, so that answers reach him, unless the mail has that.
    REPLY_TO,
    /// In X-Original-From.
    X_ORIGINAL_FROM,
    /// Nowhere.
    NONE
  }

  public SenderReplacement {
    senders = List.copyOf(senders);
    keep = Set.copyOf(keep);
  }

  /// Who takes the place of others in mail that goes by this account; empty: nobody can.
  public Optional<Address> by(@Nullable Account account) {
    return by != null
        ? Optional.of(by)
        : Optional.ofNullable(account).flatMap(each -> AddressParser.parse(each.user()));
  }

  static Optional<SenderReplacement> read(Section in, @Nullable Auth auth) {
    Optional<String> written =
        in.optional(
            "replace-sender",
            BY,
            Standard.none("every sender stays", "account@provider.example"),
            """
            Who becomes the sender of mail that goes by this connector, where the next hop takes no
            other: an address, or `account`, the `user` of the account that the mail goes by. The null
            sender stays in the envelope. Only mail that goes by this connector is changed, and of that
            only the fields concerned; the name of the author stays. Notices of what happens to the
            mail behind the next hop come back to that address. See docs/manual/rewriting.md.
            """);
    List<String> senders =
        in.list(
            "senders",
            Kinds.PATTERN,
            Standard.emptyList("none but the one in `replace-sender`", "@example.com"),
            """
            Which senders the next hop takes as they are, so that `replace-sender` leaves them alone:
            addresses and domains, written as in `routes`.
            """);
    Where where =
        in.read(
            "replace-in",
            Kinds.choice(Where.class),
            "both",
            """
            Where `replace-sender` replaces: in the `envelope` (MAIL FROM), in the `header` (From and
            Sender), or in `both`. With one of them alone, envelope and From may be of different
            domains: to DMARC (RFC 7489) such a mail has no sender that counts, unless it is signed.
            """);
    List<Keep> keep =
        in.list(
            "keep-sender",
            Kinds.choice(Keep.class),
            Standard.list(Kinds.choice(Keep.class), "reply-to"),
            """
            Where an author stays to be seen whom `replace-sender` takes out of From: `reply-to`, so
            that answers reach him (a Reply-To that the mail has stays); `x-original-from`, fields of
            that name and X-Original-Sender; or `none`.
            """);
    check(in, auth, written.orElse(""), keep);
    if (written.isPresent() && where != Where.BOTH) {
      in.warning(
          "replace-in",
          in.path("replace-in")
              + " = "
              + Kinds.word(where)
              + ": where MAIL FROM and From are then of different domains, DMARC counts nothing but"
              + " a DKIM signature",
          "leave it out, if the next hop takes that");
    }
    return written.map(
        text ->
            new SenderReplacement(
                text.equals(ACCOUNT) ? null : AddressParser.parse(text).orElseThrow(),
                senders,
                where,
                Set.copyOf(keep),
                in.origin("replace-sender")));
  }

  private static void check(Section in, @Nullable Auth auth, String by, List<Keep> keep) {
    if (in.reading().documenting()) {
      return;
    }
    if (by.isEmpty() && !in.refused("replace-sender")) {
      for (String key : List.of("senders", "replace-in", "keep-sender")) {
        if (in.has(key)) {
          in.warning(
              key,
              in.path(key) + " is of no effect without replace-sender",
              "write replace-sender, or remove it");
        }
      }
    }
    if (keep.contains(Keep.NONE) && keep.size() > 1) {
      in.error(
          "keep-sender",
          in.path("keep-sender") + " has none and others",
          "write none alone, or leave it out");
    }
    if (by.equals(ACCOUNT) && !in.refused("auth")) {
      checkAccounts(in, auth);
    }
  }

  private static void checkAccounts(Section in, @Nullable Auth auth) {
    if (auth == null) {
      in.error(
          "replace-sender",
          in.path("replace-sender") + " = account, but " + in.where() + " has no auth",
          "write the address: replace-sender = \"account@provider.example\"");
      return;
    }
    for (Account account : auth.accounts()) {
      if (AddressParser.parse(account.user()).filter(one -> !one.isInternational()).isEmpty()) {
        in.reading()
            .problems()
            .error(
                account.origin(),
                in.path("replace-sender")
                    + " = account, but account \""
                    + account.name()
                    + "\" is no mail address in ASCII",
                "write the address: replace-sender = \"account@provider.example\"");
      }
    }
  }
}
