package dev.poststation.intake;

import dev.poststation.message.Edit;
import dev.poststation.message.HeaderFields;
import dev.poststation.rewrite.Rewriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Removes what servers of Exchange believe each other from mail of everybody else: who writes it
/// himself wants to be taken for one of the house. Safe for any thread.
///
/// X-MS-Exchange-CrossTenant fields stay: Exchange Online writes them into all mail of all its
/// customers, and nobody believes them who does not ask for the tenant.
public final class HeaderFirewall implements Function<byte[], Rewriter.HeaderChange> {
  private static final List<String> PREFIXES =
      List.of(
          "x-ms-exchange-organization-", "x-ms-exchange-crosspremises-", "x-ms-exchange-forest-");

  /// Of all that are removed, the first are in the trace.
  private static final int NAMED_MAX = 5;

  private final String client;
  private final @Nullable Function<byte[], Rewriter.HeaderChange> rewriting;

  /// @param client the name of the entry that it comes by
  /// @param rewriting changes addresses besides, or null
  public HeaderFirewall(
      String client, @Nullable Function<byte[], Rewriter.HeaderChange> rewriting) {
    this.client = client;
    this.rewriting = rewriting;
  }

  @Override
  public Rewriter.HeaderChange apply(byte[] header) {
    var other = rewriting == null ? Rewriter.HeaderChange.NONE : rewriting.apply(header);
    List<Edit> edits = new ArrayList<>(other.edits());
    Set<String> names = new LinkedHashSet<>();
    for (var field : HeaderFields.of(header, true).fields()) {
      if (PREFIXES.stream().anyMatch(field.name()::startsWith)) {
        edits.add(Edit.of(field.start(), field.end(), ""));
        names.add(field.name());
      }
    }
    if (names.isEmpty()) {
      return other;
    }
    edits.sort(Comparator.comparingInt(Edit::start));
    List<String> reasons = new ArrayList<>(other.reasons());
    reasons.add(reason(names));
    return new Rewriter.HeaderChange(edits, reasons, other.unknown());
  }

  private String reason(Set<String> names) {
    String more = names.size() > NAMED_MAX ? " and " + (names.size() - NAMED_MAX) + " more" : "";
    String some = String.join(", ", names.stream().limit(NAMED_MAX).toList());
    return "header firewall: "
        + some.toLowerCase(Locale.ROOT)
        + more
        + " removed: client rule \""
        + client
        + "\" has no exchange";
  }

  /// A header that ends with a line that is no field, with the empty line before that: else another
  /// program may go on and find fields there.
  static byte[] closed(byte[] header) {
    var fields = HeaderFields.of(header, true).fields();
    int end = fields.isEmpty() ? 0 : fields.getLast().end();
    var closed = new ByteArrayOutputStream(header.length + 2);
    closed.write(header, 0, end);
    closed.writeBytes(new byte[] {'\r', '\n'});
    closed.write(header, end, header.length - end);
    return closed.toByteArray();
  }
}
