package dev.poststation.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A provider whose servers an entry of `clients` is for, and whose customer must be the one. Its
/// addresses are the same for all its customers, so they alone prove nothing. Immutable.
///
/// @param tenant the identifier of our own tenant, in lower case; empty: it does not matter
public record Peer(Provider provider, String tenant) {
  /// The field in which Exchange Online says of which tenant a mail is.
  public static final String TENANT_FIELD = "X-MS-Exchange-CrossTenant-Id";

  private static final Pattern TENANT =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private static final Kind<String> TENANT_ID =
      new Kind<>("tenant ID", Kind.Form.QUOTED, (text, _) -> tenant(text));

  /// Who publishes from where its mail comes.
  public enum Provider {
    /// Exchange Online.
    MICROSOFT365,
    /// Google Workspace.
    GOOGLE;

    /// As it is written.
    public String word() {
      return Kinds.word(this);
    }
  }

  static @Nullable Peer read(Section in) {
    Optional<Provider> provider =
        in.optional(
            "peer",
            Kinds.choice(Provider.class),
            Standard.none("anybody", "microsoft365"),
            """
            The client is a mail server of this provider: `microsoft365` (Exchange Online) or
            `google` (Google Workspace), by the networks that it publishes, which the relay keeps in
            sync. All its customers send from there, so the entry must say which one may: by `tenant`,
            `senders` of your own domains, `recipients`, or a login. See docs/manual/cloud.md.
            """);
    Optional<String> tenant =
        in.optional(
            "tenant",
            TENANT_ID,
            Standard.none("any", "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05"),
            """
            The ID of your tenant in Microsoft Entra: mail must name it, and no other, in the field
            X-MS-Exchange-CrossTenant-Id, which Exchange Online writes. It is looked at after the
            content has come: 550 5.7.1, or held with `otherwise = hold`.
            """);
    if (in.reading().documenting()) {
      return null;
    }
    if (tenant.isPresent() && provider.orElse(null) != Provider.MICROSOFT365) {
      in.error(
          "tenant",
          in.path("tenant") + " is only known of mail of microsoft365",
          provider.isPresent() ? "write senders with your domains" : "write peer = microsoft365");
    }
    return provider.map(each -> new Peer(each, tenant.orElse(""))).orElse(null);
  }

  private static Parsed<String> tenant(String text) {
    String id = text.strip().toLowerCase(Locale.ROOT);
    return TENANT.matcher(id).matches()
        ? Parsed.good(id)
        : Parsed.bad(
            "is no tenant ID",
            "write the Directory (tenant) ID that the overview of Microsoft Entra shows");
  }

  /// What is missing in an entry that is for such a peer; null: nothing.
  static @Nullable String unproven(ClientRule rule) {
    Peer peer = rule.when().peer();
    if (peer == null || !peer.tenant.isEmpty() || rule.when().asksForLogin()) {
      return null;
    }
    ClientTerms terms = rule.terms();
    if (!terms.recipients().isEmpty()) {
      return null;
    }
    List<String> missing = new ArrayList<>();
    Senders senders = terms.senders();
    boolean listed = !senders.any() && !senders.patterns().contains("<>");
    if (listed && terms.otherwise() != ClientTerms.Otherwise.REPLACE) {
      return null;
    }
    if (peer.provider == Provider.MICROSOFT365) {
      missing.add("tenant = \"…\"");
    }
    missing.add("senders = [\"@your.domain\"] without \"<>\" and without otherwise = replace");
    missing.add("recipients = [\"your.domain\"]");
    return "write " + String.join(", or ", missing);
  }
}
