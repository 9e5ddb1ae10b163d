package dev.poststation.config;

/// How a connector uses its hosts.
///
/// @param skipAfter after so many failures in a row a host comes last until it is back; 0: never
public record Pool(int skipAfter) {
  /// What holds when nothing is written.
  public static final Pool STANDARD = new Pool(3);

  static Pool read(Section in) {
    return new Pool(
        in.read(
            "skip-after",
            Kinds.integer(0, 1000),
            "3",
            """
            After so many failures in a row a host comes last: mail goes to the others, and is not
            held up by it. After the waits of `queue.retry`, at most a quarter of an hour, a
            connection without mail asks while there is mail whether it is back (EHLO, TLS, login,
            QUIT); then it has its place again, and connections to hosts of a worse priority are
            given up. `0`: hosts are always tried in their order.
            """));
  }
}
