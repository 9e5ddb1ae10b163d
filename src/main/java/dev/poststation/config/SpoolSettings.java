package dev.poststation.config;

/// `spool`.
///
/// @param reserve octets that stay free on the disk: below, no new mail is accepted
/// @param sizeMax octets that the spool may occupy; above, no new mail is accepted
/// @param memory octets that the engine may use for buffers and cache
public record SpoolSettings(long reserve, long sizeMax, long memory) {
  private enum Engine {
    LOCAL
  }

  static SpoolSettings read(Section in) {
    in.later("url", "user", "password");
    in.read(
        "engine",
        Kinds.choice(Engine.class, "postgresql"),
        "local",
        """
        Where mail is stored: `local` is a store of our own in `data`.
        """);
    long reserve =
        in.read(
            "reserve",
            Kinds.size("16 MB", "10 TB"),
            "512 MB",
            """
            Octets that stay free on the disk: with less, new mail is deferred with 452 4.3.1 until
            there is room. Even to delete mail takes some space, and a disk that is really full
            stops more than mail.
            """);
    long sizeMax =
        in.read(
            "size-max",
            Kinds.size("64 MB", "1000 TB"),
            "100 GB",
            """
            Octets that the spool may occupy on the disk, garbage not yet collected included; above
            that new mail is deferred with 452 4.3.1. Far above what a relay holds in good times: it
            bounds what a flood can take.
            """);
    long memory =
        in.read(
            "memory",
            Kinds.size("16 MB", "64 GB"),
            "128 MB",
            """
            Octets of memory, besides the heap, for the store's buffers and cache. Buffers this
            large let a mail that is delivered within seconds come and go without ever being written
            into the store's tables.
            """);
    return new SpoolSettings(reserve, sizeMax, memory);
  }
}
