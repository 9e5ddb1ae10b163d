package dev.poststation.intake;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Peer;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds out whether a mail of an Exchange server only goes on to another one of its organisation:
/// an internal hop. Its header alone says nothing, for everybody can write it; it is believed to
/// clients of an entry with `exchange`, for mail to the domains that are named there. Confined to
/// the session's thread.
public final class ExchangeHop {
  /// Which Exchange server does not write, and its header firewall lets nobody else bring in.
  private static final List<String> WITHIN =
      List.of("X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-CrossPremises-AuthAs");

  /// Exchange Online writes it into all mail that leaves. It counts beside the proof of the tenant.
  private static final String OF_TENANT = "X-MS-Exchange-CrossTenant-AuthAs";

  /// Former passes of one entry that are no loop yet, each to other recipients.
  private static final int PASSES_MAX = 2;

  private static final Pattern WHITE_SPACE = Pattern.compile("[\\s]+");

  private final ClientRule client;
  private final List<String> proofs;
  private final FieldWatch fields;

  private ExchangeHop(ClientRule client) {
    this.client = client;
    Peer peer = client.when().peer();
    this.proofs = new ArrayList<>(WITHIN);
    if (peer != null && !peer.tenant().isEmpty()) {
      proofs.add(OF_TENANT);
    }
    this.fields = new FieldWatch(proofs.stream().map(ExchangeHop::key).toList());
  }

  private static String key(String field) {
    return field.toLowerCase(Locale.ROOT);
  }

  /// Null: the entry is not for servers of Exchange.
  static @Nullable ExchangeHop of(ClientRule client) {
    return client.exchange().isEmpty() ? null : new ExchangeHop(client);
  }

  /// Whether a mail of an entry with this header to this recipient is one.
  public static Finding judge(ClientRule client, String header, Address recipient) {
    var hop = new ExchangeHop(client);
    byte[] octets = header.getBytes(StandardCharsets.UTF_8);
    hop.feed(octets, 0, octets.length);
    String why = TenantCheck.judge(client, header);
    return hop.judge(List.of(recipient), why == null);
  }

  /// What its header must have; for people.
  public static String wanted(ClientRule client) {
    return String.join(" or ", new ExchangeHop(client).proofs);
  }

  /// Whether a recipient is none of the organisation.
  public static boolean isStranger(ClientRule client, Address recipient) {
    return !new AddressPatterns(client.exchange()).match(recipient);
  }

  /// What was found out.
  ///
  /// @param reason for the trace
  public record Finding(boolean internal, String reason) {}

  /// Looks at the next octets of the content.
  void feed(byte[] octets, int offset, int length) {
    fields.feed(octets, offset, length);
  }

  /// Whether it is one, when the header has come.
  ///
  /// @param proven whether it is of the tenant that the entry asks for
  Finding judge(List<Address> recipients, boolean proven) {
    fields.finish();
    var own = new AddressPatterns(client.exchange());
    var stranger = recipients.stream().filter(each -> !own.match(each)).findFirst();
    if (stranger.isPresent()) {
      return no(stranger.get() + " is none of the organisation");
    }
    if (!proven) {
      return no("it is not of the tenant");
    }
    if (!fields.whole()) {
      return no("the header ends with a line that is no field");
    }
    List<String> said = new ArrayList<>(1);
    for (String proof : proofs) {
      var values = fields.values(key(proof));
      if (values.size() > 1) {
        return no("the header has " + values.size() + " fields " + proof);
      }
      values.forEach(value -> said.add(proof));
    }
    return said.isEmpty()
        ? no("the header has no " + String.join(" and no ", proofs))
        : new Finding(
            true, by(client) + "internal hop of Exchange, left alone: " + said.getFirst());
  }

  private Finding no(String why) {
    return new Finding(false, by(client) + "no internal hop: " + why);
  }

  private static String by(ClientRule client) {
    return "exchange of client rule \"" + client.name() + "\" (" + client.origin() + "): ";
  }

  /// What stands of it in our Received field.
  static String mark(ClientRule client) {
    return "hop of Exchange from " + client.name();
  }

  /// Why such a mail goes round in circles: it came from the same side to the same recipient
  /// before, or too often from there; null: it does not. Where it is forwarded between the halves
  /// it comes again, but to another recipient.
  ///
  /// @param ours what stands in Received fields of ours
  static @Nullable String loop(ClientRule client, List<Recipient> recipients, List<String> ours) {
    String mark = ", " + mark(client) + ")";
    String to =
        recipients.size() == 1
            ? TraceHeader.forWhom(recipients.getFirst().address()).toLowerCase(Locale.ROOT)
            : "";
    int passes = 0;
    for (String received : ours) {
      String text = WHITE_SPACE.matcher(received).replaceAll(" ");
      if (text.contains(mark)) {
        passes++;
        if (!to.isEmpty() && text.toLowerCase(Locale.ROOT).contains(to)) {
          return by(client) + "it came from there before, to the same recipient";
        }
      }
    }
    return passes > PASSES_MAX
        ? by(client) + "it came from there " + passes + " times before"
        : null;
  }
}
