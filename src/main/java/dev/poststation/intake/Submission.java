package dev.poststation.intake;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Limits;
import dev.poststation.content.Facts;
import dev.poststation.content.Visit;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What is known of a mail when its content begins. Immutable.
///
/// @param session the session's id, for the log
/// @param arrived when MAIL was accepted
/// @param startedNanos the same, for measuring
/// @param source who hands it to us
/// @param tls how the session is encrypted, or null
/// @param login who the client has shown itself to be, or null
/// @param client the rule that lets the client in
/// @param zone where it comes from; empty: nobody says
/// @param mail what MAIL said, with the sender that the mail gets
/// @param replaced the sender that it said, where that is another one; else null
/// @param recipients at least one
/// @param hold why it is to wait for an administrator, or null
/// @param release when it is to be sent at the earliest; null: at once
/// @param deadline by when it is to be delivered; null: nothing is said
/// @param priority before which other mail it goes (RFC 6710)
/// @param authors judges its From fields, or null: they do not matter
/// @param rewriting changes addresses in its header, or null: they stay
/// @param asSaid the mail without what was rewritten, where the client is a server of Exchange, or
///   null
/// @param exchange what part servers of Exchange have in it
/// @param messageSize how large it may be
/// @param messageSizeRule which setting says so
/// @param decisions why it may, for the trace
/// @param hostname our name
public record Submission(
    String session,
    Instant arrived,
    long startedNanos,
    Envelope.Source source,
    @Nullable TlsFacts tls,
    Event.@Nullable Login login,
    ClientRule client,
    String zone,
    Command.Mail mail,
    @Nullable Address replaced,
    List<Recipient> recipients,
    @Nullable Hold hold,
    Envelope.@Nullable Release release,
    Envelope.@Nullable Deadline deadline,
    int priority,
    @Nullable AuthorCheck authors,
    @Nullable Function<byte[], Rewriter.HeaderChange> rewriting,
    @Nullable AsSaid asSaid,
    Exchange exchange,
    long messageSize,
    String messageSizeRule,
    List<String> decisions,
    String hostname,
    Limits limits) {
  public Submission {
    recipients = List.copyOf(recipients);
    decisions = List.copyOf(decisions);
  }

  /// What part servers of Exchange have in a mail.
  public enum Exchange {
    /// There are none, or one has sent it.
    NONE,
    /// There are some, and none of them has sent it: what they believe each other is removed.
    FOREIGN,
    /// It goes from one to another, and is left alone.
    HOP
  }

  /// A mail as the client said it.
  public record AsSaid(Command.Mail mail, List<Recipient> recipients, List<String> decisions) {
    public AsSaid {
      recipients = List.copyOf(recipients);
      decisions = List.copyOf(decisions);
    }
  }

  /// Whether it only goes from one server of Exchange to another.
  boolean hop() {
    return exchange == Exchange.HOP;
  }

  /// Whether it comes from one of us, and not from somebody who only may write to us.
  boolean isFromUs() {
    return source.isOurs() || !source.user().isEmpty() || client.terms().answerForAuthors();
  }

  /// What services know of it.
  ///
  /// @param visit the milters that have heard of its envelope, or null
  /// @param trial whether it goes nowhere
  /// @param held whether it waits for an administrator, whatever services make of it
  Facts facts(QueueId id, @Nullable Visit visit, boolean trial, boolean held) {
    return new Facts(
        id, source, mail.from(), recipients, hostname, tls, trial, isFromUs(), held, null, visit);
  }

  /// Whether missing Date and Message-ID fields are added.
  boolean addsMissingHeaders() {
    return client.addMissingHeaders() && !hop();
  }

  /// The same mail, left alone.
  Submission leftAlone(AsSaid said) {
    return new Submission(
        session,
        arrived,
        startedNanos,
        source,
        tls,
        login,
        client,
        zone,
        said.mail,
        null,
        said.recipients,
        hold,
        release,
        deadline,
        priority,
        authors,
        null,
        said,
        Exchange.HOP,
        messageSize,
        messageSizeRule,
        said.decisions,
        hostname,
        limits);
  }
}
