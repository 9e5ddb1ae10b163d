package dev.poststation.config;

import java.util.List;

/// Asks an ICAP server what is in a mail. Immutable.
///
/// @param at where it listens; several are asked in turn
/// @param path its service
/// @param maxSize larger mail is not shown to it
/// @param sizeSaid whether it was written what becomes of that
public record IcapService(
    List<ServicePoint> at,
    String path,
    Method method,
    OnFound onFound,
    long maxSize,
    TooLarge tooLarge,
    boolean sizeSaid)
    implements ContentService {
  static final List<String> KEYS =
      List.of("at", "service", "method", "on-found", "max-size", "too-large");

  static final int PORT = 1344;

  private static final Kind<String> PATH =
      new Kind<>(
          "name of a service",
          Kind.Form.QUOTED,
          (text, _) ->
              text.matches("[A-Za-z0-9._~-][A-Za-z0-9._~!$&'()*+,;=@%?/-]{0,199}")
                  ? Parsed.good(text)
                  : Parsed.bad(
                      "is no name of a service",
                      "write what stands behind the host in its address: avscan of"
                          + " icap://host/avscan"));

  /// How the mail is shown to it (RFC 3507 3).
  public enum Method {
    /// As what a server has answered.
    RESPMOD,
    /// As what a client sends.
    REQMOD
  }

  public IcapService {
    at = List.copyOf(at);
  }

  /// It only says yes or no: what it makes of a mail is not taken.
  @Override
  public Effect effect() {
    return Effect.LOOKS;
  }

  static IcapService read(Section in) {
    List<ServicePoint> at = ContentService.at(in, PORT);
    String path =
        in.read(
            "service",
            PATH,
            "avscan",
            """
            Which service of the ICAP server: what stands behind the host in its address,
            `icap://host/avscan`.
            """);
    Method method =
        in.read(
            "method",
            Kinds.choice(Method.class),
            "respmod",
            """
            Whether the mail is shown to the ICAP server as what a server has answered (`respmod`), or
            as what a client sends (`reqmod`): whichever its service offers.
            """);
    return new IcapService(
        at,
        path,
        method,
        OnFound.read(in),
        ContentService.maxSize(in, "100 MB"),
        TooLarge.read(in, TooLarge.REJECT),
        in.has("too-large"));
  }
}
