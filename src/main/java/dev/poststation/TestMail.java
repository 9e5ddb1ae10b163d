package dev.poststation;

import dev.poststation.delivery.Attempt;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.MailDate;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A mail with which a connector is tried. It says so itself, and carries a mark by which it is
/// known again. Immutable.
///
/// @param mark not to be guessed, and in no other mail
record TestMail(String mark, Address from, List<Address> to) {
  /// The field that has the mark, and who was the sender; in lower case.
  static final String FIELD = "x-poststation-test";

  TestMail {
    to = List.copyOf(to);
  }

  String messageId(String host) {
    return mark + "@" + host;
  }

  String subject() {
    return "Poststation tries connector: " + mark;
  }

  /// What is to be sent.
  ///
  /// @param beforeEnd as in the order
  Attempt.Order order(String connector, String host, Instant now, Runnable beforeEnd) {
    byte[] octets =
        """
        From: <%1$s>
        To: %2$s
        Subject: %3$s
        Date: %4$s
        Message-ID: <%5$s>
        Auto-Submitted: auto-generated
        X-Poststation-Test: %6$s; from=%1$s
        MIME-Version: 1.0
        Content-Type: text/plain; charset=us-ascii

        This mail was sent by "poststation connector test %7$s" on %8$s.
        Its sender was %1$s, in the envelope and in From. If another one
        stands there now, the connector replaces senders, which that command
        has said, or the provider does.
        """
            .formatted(
                from,
                to.stream().map(each -> "<" + each + ">").collect(Collectors.joining(", ")),
                subject(),
                MailDate.at(now),
                messageId(host),
                mark,
                connector,
                host)
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.UTF_8);
    boolean international = !ascii(from) || !to.stream().allMatch(TestMail::ascii);
    var envelope =
        new Envelope(
            QueueId.at(now),
            now,
            from,
            international ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
            international,
            null,
            null,
            Envelope.Source.SELF,
            new Envelope.Traits(octets.length, international, false, false, false, true));
    List<Recipient> recipients = new ArrayList<>();
    for (Address each : to) {
      recipients.add(new Recipient(recipients.size(), each, Set.of(), null));
    }
    var states = recipients.stream().map(_ -> RecipientState.fresh(now)).toList();
    return new Attempt.Order(
        new Mail(envelope, new byte[0], 1, recipients, states),
        new Whole(octets),
        recipients,
        false,
        beforeEnd);
  }

  private static boolean ascii(Address address) {
    return address.toString().chars().allMatch(c -> c < 128);
  }

  private record Whole(byte[] octets) implements Content {
    @Override
    public int chunks() {
      return 1;
    }

    @Override
    public byte[] chunk(int number) {
      return octets;
    }
  }
}
