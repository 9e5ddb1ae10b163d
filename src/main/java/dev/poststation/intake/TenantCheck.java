package dev.poststation.intake;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.Peer;
import dev.poststation.message.FieldWatch;
import dev.poststation.smtp.PeerText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds out whether a mail of a provider's server is of the tenant that may send here: its header
/// must say so once, and say nothing else. Confined to the session's thread.
public final class TenantCheck {
  private static final String FIELD = Peer.TENANT_FIELD.toLowerCase(Locale.ROOT);

  private final ClientRule client;
  private final String tenant;
  private final FieldWatch fields = new FieldWatch(List.of(FIELD));

  private TenantCheck(ClientRule client, String tenant) {
    this.client = client;
    this.tenant = tenant;
  }

  /// Null: the entry does not ask for a tenant.
  static @Nullable TenantCheck of(ClientRule client) {
    var peer = client.when().peer();
    return peer == null || peer.tenant().isEmpty() ? null : new TenantCheck(client, peer.tenant());
  }

  /// What is to be said against a mail with this header by an entry; null: nothing.
  public static @Nullable String judge(ClientRule client, String header) {
    var check = of(client);
    if (check == null) {
      return null;
    }
    byte[] octets = header.getBytes(StandardCharsets.UTF_8);
    check.feed(octets, 0, octets.length);
    return check.judge();
  }

  /// Looks at the next octets of the content.
  void feed(byte[] octets, int offset, int length) {
    fields.feed(octets, offset, length);
  }

  /// Whether it waits for an administrator when it is not of this tenant.
  boolean holds() {
    return client.terms().otherwise() == ClientTerms.Otherwise.HOLD;
  }

  /// What is to be said against it, when all of the content has come; null: nothing.
  @Nullable String judge() {
    fields.finish();
    var values = fields.values(FIELD);
    String rule = "tenant of client rule \"" + client.name() + "\" (" + client.origin() + "): ";
    if (!fields.whole()) {
      return rule + "the header ends with a line that is no field";
    }
    if (values.size() != 1) {
      return rule + "the header has " + values.size() + " fields " + Peer.TENANT_FIELD;
    }
    String said = values.getFirst();
    return said.equalsIgnoreCase(tenant)
        ? null
        : rule + "the mail is of tenant " + PeerText.of(said);
  }
}
