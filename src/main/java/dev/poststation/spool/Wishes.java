package dev.poststation.spool;

import dev.poststation.message.Envelope;
import dev.poststation.smtp.TlsWish;
import org.jspecify.annotations.Nullable;

/// What the client of a mail wished, as it stands in the mail's record: the part that former
/// programs must not overlook. Immutable.
///
/// @param release when it is to be sent at the earliest; null: at once
/// @param requireTls whether it demands TLS on all of its way
/// @param deadline by when it is to be delivered; null: nothing is said
record Wishes(
    Envelope.@Nullable Release release, boolean requireTls, Envelope.@Nullable Deadline deadline) {
  static final Wishes NONE = new Wishes(null, false, null);

  /// The versions of a mail's record that have them. A program that does not know one does not read
  /// the record: it must not send too early, without TLS, or too late.
  private static final int WITH_RELEASE = 3;

  private static final int WITH_REQUIRETLS = 4;
  private static final int WITH_DEADLINE = 5;

  /// The newest that this program knows.
  static final int NEWEST = WITH_DEADLINE;

  private static final int RELEASE = 1;
  private static final int REQUIRETLS = 1 << 1;
  private static final int DEADLINE = 1 << 2;

  private static final int RETURNS = 1;
  private static final int TRACE = 1 << 1;

  static Wishes of(Envelope envelope) {
    return new Wishes(envelope.release(), envelope.tls() == TlsWish.REQUIRED, envelope.deadline());
  }

  /// The version of the record that they need.
  ///
  /// @param least that of the rest
  int version(int least) {
    if (deadline != null) {
      return WITH_DEADLINE;
    }
    if (requireTls) {
      return WITH_REQUIRETLS;
    }
    return release == null ? least : WITH_RELEASE;
  }

  /// Whether a record of that version has them.
  static boolean stand(int version) {
    return version >= WITH_RELEASE;
  }

  void write(OctetWriter out) {
    out.number(
        (release == null ? 0 : RELEASE)
            | (requireTls ? REQUIRETLS : 0)
            | (deadline == null ? 0 : DEADLINE));
    if (release != null) {
      MailCodec.instant(out, release.at());
      out.text(release.request());
    }
    if (deadline != null) {
      MailCodec.instant(out, deadline.at());
      out.number((deadline.returns() ? RETURNS : 0) | (deadline.trace() ? TRACE : 0));
    }
  }

  static Wishes read(OctetReader in) throws DamagedRecordException {
    int which = in.integer();
    var release =
        has(which, RELEASE) ? new Envelope.Release(MailCodec.instant(in), in.text()) : null;
    return new Wishes(release, has(which, REQUIRETLS), has(which, DEADLINE) ? deadline(in) : null);
  }

  private static Envelope.Deadline deadline(OctetReader in) throws DamagedRecordException {
    var at = MailCodec.instant(in);
    int how = in.integer();
    return new Envelope.Deadline(at, has(how, RETURNS), has(how, TRACE));
  }

  private static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }
}
