package dev.poststation.config;

import java.time.Duration;

/// `trace`: how long each mail can be explained.
///
/// @param keep how long
/// @param sizeMax octets on disk at most; the oldest go first
/// @param dialogue whether what was said at each attempt is kept, not only what came of it
public record TraceSettings(Duration keep, long sizeMax, boolean dialogue) {
  static TraceSettings read(Section in) {
    Duration keep =
        in.read(
            "keep",
            Kinds.duration("1 minute", "3650 days"),
            "30 days",
            """
            How long each mail can be explained after it is gone. A month covers the questions that
            come after a holiday.
            """);
    long sizeMax =
        in.read(
            "size-max",
            Kinds.size("1 MB", "1 TB"),
            "1 GB",
            """
            Octets that traces may occupy on the disk; the oldest go first. A trace has a few
            hundred octets: a gigabyte holds those of millions of mails.
            """);
    boolean dialogue =
        in.read(
            "dialogue",
            Kinds.FLAG,
            "on",
            """
            Whether what was said to a next hop is kept too, secrets masked, not only what came of
            it. It is what the other side's postmaster asks for. Without it there is still what
            happened besides, such as TLS that failed or a content that was converted.
            """);
    return new TraceSettings(keep, sizeMax, dialogue);
  }
}
