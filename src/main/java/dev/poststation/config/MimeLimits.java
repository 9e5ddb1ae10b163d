package dev.poststation.config;

/// `limits.mime`: how far services look into the parts of a mail. Immutable.
///
/// @param depth parts within parts
/// @param parts in all
/// @param headers octets of their headers together
public record MimeLimits(int depth, int parts, int headers) {
  /// As when nothing is written.
  public static final MimeLimits STANDARD = new MimeLimits(20, 1000, 1024 * 1024);

  static MimeLimits read(Section in) {
    int depth =
        in.read(
            "depth",
            Kinds.integer(5, 100),
            "20",
            """
            Parts within parts: a multipart in a multipart, a mail that is attached to a mail. Real
            mail has three or four, and one more each time that it is forwarded as an attachment.
            """);
    int parts =
        in.read(
            "parts",
            Kinds.integer(10, 100_000),
            "1000",
            """
            Parts of a mail in all.
            """);
    int headers =
        Math.toIntExact(
            in.read(
                "headers",
                Kinds.size("16 KiB", "16 MiB"),
                "1 MiB",
                """
                Octets of the headers of all parts together, besides the header of the mail.
                """));
    return new MimeLimits(depth, parts, headers);
  }
}
