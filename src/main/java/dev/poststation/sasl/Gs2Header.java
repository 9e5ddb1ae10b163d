package dev.poststation.sasl;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What stands before the message proper of SCRAM and OAUTHBEARER (RFC 5801 4): whether the client
/// binds to the channel, and which name it wants to have.
///
/// @param binding the name of the channel binding, or null
/// @param couldBind whether the client could bind but believes that we cannot
/// @param authorize the name that it wants to have, or empty
/// @param length of the header, with its last comma
record Gs2Header(@Nullable String binding, boolean couldBind, String authorize, int length) {
  private static final Pattern HEADER =
      Pattern.compile("(?:n|(y)|p=([A-Za-z0-9.-]{1,40})),(?:a=([^,]{1,1024}))?,");

  /// We do not bind.
  static final String UNBOUND = "n,,";

  /// We could bind, but believe that the server cannot.
  static final String COULD_BIND = "y,,";

  /// We bind.
  static String bound(String kind) {
    return "p=" + kind + ",,";
  }

  /// We do not bind, and want to have this name.
  static String unbound(String authorize) {
    return authorize.isEmpty() ? UNBOUND : "n,a=" + quoted(authorize) + ",";
  }

  /// A name as a saslname.
  static String quoted(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }

  /// Null when it is malformed.
  static @Nullable Gs2Header parse(String text) {
    Matcher found = HEADER.matcher(text);
    if (!found.lookingAt()) {
      return null;
    }
    String said = found.group(3);
    String authorize = said == null ? "" : name(said);
    return authorize == null
        ? null
        : new Gs2Header(found.group(2), found.group(1) != null, authorize, found.end());
  }

  /// A saslname (RFC 5802 5.1): comma and equals sign are written `=2C` and `=3D`. Null when it is
  /// none.
  static @Nullable String name(String said) {
    String plain = said.replace("=2C", "").replace("=3D", "");
    return plain.indexOf('=') >= 0 ? null : said.replace("=2C", ",").replace("=3D", "=");
  }
}
