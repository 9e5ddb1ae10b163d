package dev.poststation.config;

/// `bounces`: notices to senders.
///
/// @param returnFull whether a bounce returns the whole message where the sender did not say
/// @param returnSizeMax octets of the original that a notice returns at most; above: headers only
/// @param perHour notices that leave in an hour at most; more of them wait
public record BounceSettings(boolean returnFull, long returnSizeMax, int perHour) {
  private enum Return {
    HEADERS,
    FULL
  }

  static BounceSettings read(Section in) {
    in.later("sign-reverse-path");
    Return part =
        in.read(
            "return",
            Kinds.choice(Return.class),
            "headers",
            """
            What of the original a bounce returns where the sender did not say (RET=, RFC 3461).
            Headers suffice to recognise the mail, keep notices small, and do not send a forged
            mail's content on to its victim.
            """);
    long size =
        in.read(
            "return-size-max",
            Kinds.size("1 kB", "64 MiB"),
            "100 kB",
            """
            Octets of the original that a bounce returns at most, also when the sender asked for all
            of it; a larger original is returned as headers only. Notices that are larger than what
            they are about only fill mailboxes.
            """);
    int perHour =
        in.read(
            "per-hour",
            Kinds.integer(1, 1_000_000),
            "1000",
            """
            Notices that are sent in an hour at most; more of them wait, none is lost. So a flood of
            mail to addresses that do not exist does not become a flood of bounces, which would
            spoil this relay's name.
            """);
    return new BounceSettings(part == Return.FULL, size, perHour);
  }
}
